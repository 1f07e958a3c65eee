// Phase 1: infrastructure providers.

export type * from "./provider.ts";
