// The way from the version a cluster runs to another: one minor release after the other, control planes before workers, workers in
// batches, where they are or by new machines. What upstream's version skew policy forbids is refused before anything happens. Pure.
// https://kubernetes.io/releases/version-skew-policy/

import { exitCodes, UserError } from "#shared";

export interface UpgradeNode {
  readonly name: string;
  readonly role: "control-plane" | "worker";
  readonly pool: string;
  /** Of its kubelet: "1.35.8". */
  readonly version: string;
}

export interface UpgradeWish {
  /** What the API servers run. */
  readonly current: string;
  readonly target: string;
  /** Those the distribution can turn up. */
  readonly versions: readonly string[];
  readonly nodes: readonly UpgradeNode[];
  /** How many workers of a pool may be away at a time. */
  readonly maxUnavailable: number;
  /**
   * New machines take the workers' places, so many of a pool at a time, before the old ones go. With 0 the old ones go first,
   * maxUnavailable at a time. Absent: workers are upgraded where they are.
   */
  readonly surge?: number;
}

/** A worker that goes, and the one in its place. */
export interface Replacement {
  readonly old: string;
  readonly new: string;
}

export interface UpgradeHop {
  readonly version: string;
  /** One after the other. */
  readonly controlPlanes: readonly string[];
  /** Upgraded where they are; those of a batch at the same time. */
  readonly workers: readonly (readonly string[])[];
  /** The same of those that make way for new machines. */
  readonly replacements: readonly (readonly Replacement[])[];
}

/** A kubelet may be so many minor releases older than the API server. */
const kubeletSkew = 3;

/**
 * Throws a UserError with everything that forbids it. A cluster that runs the target already has one hop, in which nothing may differ.
 * Workers that make way do so once, at the end: kubelets may be older than the API server meanwhile.
 */
export function planUpgrade(wish: UpgradeWish): UpgradeHop[] {
  const { nodes, surge, maxUnavailable } = wish;
  const versions = hopVersions(wish);
  // Where each hop upgrades all, only the first can find a node that is too far behind.
  const checked = surge === undefined ? versions.slice(0, 1) : versions;
  const problems = new Set(checked.flatMap((version) => checkSkew(wish, version)));
  if (problems.size > 0) throw refuse(wish, [...problems]);
  const controlPlanes = nodes.filter(({ role }) => role === "control-plane").map(({ name }) => name);
  const pools = Map.groupBy(
    nodes.filter(({ role }) => role === "worker"),
    ({ pool }) => pool,
  );
  const names = [...pools.values()].map((workers) => workers.map(({ name }) => name));
  if (surge === undefined) {
    const workers = names.flatMap((pool) => inBatches(pool, maxUnavailable));
    return versions.map((version) => ({ version, controlPlanes, workers, replacements: [] }));
  }
  const replacements = names.flatMap((pool) => inBatches(replaceAll(pool), surge || maxUnavailable));
  return versions.map((version, index) => {
    return { version, controlPlanes, workers: [], replacements: index === versions.length - 1 ? replacements : [] };
  });
}

/** New names, beyond all there are: nobody takes the new one for the old. */
function replaceAll(names: readonly string[]): Replacement[] {
  const numberOf = (name: string) => Number(/\d+$/.exec(name)?.[0]);
  const last = Math.max(...names.map(numberOf));
  return names.map((old, index) => ({ old, new: old.replace(/\d+$/, String(last + 1 + index)) }));
}

/** The newest known patch of each minor release in between, then the target. */
function hopVersions({ current, target, versions }: UpgradeWish): string[] {
  const order = compareVersions(target, current);
  if (order < 0) {
    throw refuse({ current, target }, [
      "an API server never goes back to an older version: its data may be in a newer form. Restore a snapshot instead",
    ]);
  }
  const [from, to] = [minorNumber(current), minorNumber(target)];
  const between = Array.from({ length: Math.max(0, to - from - 1) }, (_, index) => from + 1 + index);
  const missing = between.filter((minor) => !versions.some((version) => minorNumber(version) === minor));
  if (missing.length > 0) {
    throw refuse({ current, target }, [
      `minor releases go one by one, and there is none known of ${missing.map((minor) => `1.${minor}`).join(", ")}`,
    ]);
  }
  const newestOf = (minor: number) =>
    versions
      .filter((version) => minorNumber(version) === minor)
      .toSorted(compareVersions)
      .at(-1)!;
  return [...between.map(newestOf), target];
}

function checkSkew({ nodes }: UpgradeWish, version: string): string[] {
  return nodes.flatMap(({ name, version: kubelet }) => {
    const behind = minorNumber(version) - minorNumber(kubelet);
    if (compareVersions(kubelet, version) > 0) return [`node ${name} runs ${kubelet}, newer than ${version}`];
    return behind > kubeletSkew ? [`node ${name} runs ${kubelet}, ${behind} minor releases behind ${version}`] : [];
  });
}

function inBatches<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

/** Negative where the first is older. Versions are as "v1.36.2" or "1.36.2". */
export function compareVersions(a: string, b: string): number {
  const [first, second] = [numbersOf(a), numbersOf(b)];
  const at = first.findIndex((number, index) => number !== second[index]);
  return at < 0 ? 0 : first[at]! - (second[at] ?? 0);
}

function minorNumber(version: string): number {
  return numbersOf(version)[1]!;
}

function numbersOf(version: string): number[] {
  const found = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version);
  if (!found) throw new Error(`Cannot compare version ${version}: it must be such as 1.36.2`);
  return found.slice(1).map(Number);
}

function refuse({ current, target }: Pick<UpgradeWish, "current" | "target">, problems: readonly string[]): UserError {
  const [first, ...others] = problems;
  return new UserError(`Cannot upgrade from ${current} to ${target}: ${first}`, {
    hints: others,
    exitCode: exitCodes.config,
  });
}
