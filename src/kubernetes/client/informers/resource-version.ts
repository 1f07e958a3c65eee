// Compares resourceVersions: decimal numbers without leading zeros, of any length (comparable since Kubernetes 1.35).

/** Negative, zero or positive, as `a` is older than, the same as, or newer than `b`. "" is older than all. */
export function compareResourceVersions(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}
