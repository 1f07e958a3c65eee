// This program's version.

declare const SLIPWAY_VERSION: string | undefined;

/** Set by the build; a run from the sources has none. */
export const slipwayVersion = typeof SLIPWAY_VERSION === "undefined" ? "0.0.0-source" : SLIPWAY_VERSION;
