// Which versions of Kubernetes each distribution can turn up, as data: the patch releases known when this was written. A newer patch of a
// minor release that is listed is taken, too.

type DistributionType = "slipway" | "kubeadm" | "k3s";

/** Newest first. Of distribution slipway: what its API server says it is. */
export const knownVersions: Readonly<Record<DistributionType, readonly string[]>> = {
  slipway: ["1.36.2"],
  kubeadm: [...patches("1.36", 4), ...patches("1.35", 8), ...patches("1.34", 11)],
  k3s: ["1.36.2", "1.35.8", "1.34.9"],
};

/** "1.36.4" to "1.36.0". */
function patches(minor: string, newest: number): string[] {
  return Array.from({ length: newest + 1 }, (_, index) => `${minor}.${newest - index}`);
}

export type ChosenVersion = { readonly version: string } | { readonly version?: undefined; readonly problem: string };

/** The whole version ("1.36.2") for what a configuration says ("1.36", "v1.36.2", nothing), or why there is none. */
export function chooseVersion(type: DistributionType, wanted: string | undefined): ChosenVersion {
  const known = knownVersions[type];
  const newest = known[0]!;
  if (wanted === undefined) return { version: newest };
  const text = wanted.replace(/^v/, "");
  const minor = minorOf(text);
  const ofMinor = known.find((version) => minorOf(version) === minor);
  if (ofMinor === undefined) {
    const minors = [...new Set(known.map(minorOf))];
    return { problem: `must be one that distribution ${type} has: ${minors.join(", ")}` };
  }
  return { version: text === minor ? ofMinor : text };
}

/** "1.36" of "1.36.2". */
export function minorOf(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}
