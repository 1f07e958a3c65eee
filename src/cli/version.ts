// This program's version, and Kubernetes' that it speaks.

declare const SLIPWAY_VERSION: string | undefined;

/** Set by the build; a run from the sources has none. */
export const slipwayVersion = typeof SLIPWAY_VERSION === "undefined" ? "0.0.0-source" : SLIPWAY_VERSION;
export const kubernetesVersion = "v1.36.0";
