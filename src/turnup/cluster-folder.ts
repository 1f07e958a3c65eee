// Where clusters are kept on this machine, and the configuration each was last turned up with.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { type ClusterConfig, checkConfig } from "#config";
import { describeError, exitCodes, UserError, writeFileAtomic } from "#shared";

export interface ClusterPaths {
  /** Where all clusters are kept. */
  readonly home: string;
  /** Everything of the cluster lies below it. */
  readonly folder: string;
  /** The configuration, with its defaults. */
  readonly config: string;
  readonly journal: string;
  readonly pki: string;
  /** The API server's data. */
  readonly store: string;
  /** Copies of it, by a schedule or before something puts other data in its place. */
  readonly snapshots: string;
  /** The admin's kubeconfig. */
  readonly kubeconfig: string;
  /** What the person's own kubeconfig held before. */
  readonly kubeconfigNote: string;
  readonly controlPlaneOptions: string;
  /** The names of the simulated nodes. */
  readonly simulatedNodes: string;
  /** The digests of add-ons' files, as they were first read. */
  readonly addonsLock: string;
  /** The names of nodes that are on their way out, for as long as they are. */
  readonly leaving: string;
  /** The upgrade under way, and its journal. */
  readonly upgrade: string;
  readonly upgradeJournal: string;
  /** The restore of data under way on machines elsewhere, from when the API servers stop until they serve again. */
  readonly restoring: string;
  readonly logs: string;
  /** The bundle it was given, unpacked: no step asks the network then. */
  readonly bundle: string;
  /** The one before it, while an upgrade is under way that brought another. */
  readonly bundleBefore: string;
  /** What was fetched from the network for it. */
  readonly downloads: string;
  /** Sockets and pid files. */
  readonly run: string;
  /** Beside the folder, so that it can be held while the folder comes and goes. */
  readonly lock: string;
}

/** $SLIPWAY_HOME; without it /var/lib/slipway for root, else $XDG_DATA_HOME/slipway. */
export function slipwayHome(environment: NodeJS.ProcessEnv = process.env): string {
  if (environment["SLIPWAY_HOME"]) return environment["SLIPWAY_HOME"];
  if (process.getuid?.() === 0) return "/var/lib/slipway";
  return join(environment["XDG_DATA_HOME"] || join(homedir(), ".local/share"), "slipway");
}

export function clusterPaths(home: string, name: string): ClusterPaths {
  const clusters = join(home, "clusters");
  const folder = join(clusters, name);
  return {
    home,
    folder,
    config: join(folder, "config.json"),
    journal: join(folder, "journal.jsonl"),
    pki: join(folder, "pki"),
    store: join(folder, "store"),
    snapshots: join(folder, "snapshots"),
    kubeconfig: join(folder, "kubeconfig"),
    kubeconfigNote: join(folder, "kubeconfig-before.json"),
    controlPlaneOptions: join(folder, "control-plane.json"),
    simulatedNodes: join(folder, "simulated-nodes.json"),
    addonsLock: join(folder, "addons.lock.json"),
    leaving: join(folder, "leaving.json"),
    upgrade: join(folder, "upgrade.json"),
    upgradeJournal: join(folder, "upgrade.jsonl"),
    restoring: join(folder, "restoring.json"),
    logs: join(folder, "logs"),
    bundle: join(folder, "bundle"),
    bundleBefore: join(folder, "bundle-before"),
    downloads: join(folder, "downloads"),
    run: join(folder, "run"),
    lock: join(clusters, `.${name}.lock`),
  };
}

/** The names of the clusters there are, also of those half made. */
export function listClusters(home: string): string[] {
  const clusters = join(home, "clusters");
  if (!existsSync(clusters)) return [];
  const folders = readdirSync(clusters, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.map(({ name }) => name).toSorted();
}

/** The configuration the cluster was last turned up with; undefined where `up` never came so far. */
export function readClusterConfig(paths: ClusterPaths): ClusterConfig | undefined {
  if (!existsSync(paths.config)) return undefined;
  const checked = checkConfig(JSON.parse(readFileSync(paths.config, "utf8")));
  if (checked.config) return checked.config;
  const [problem] = checked.problems;
  throw new Error(`Cannot read ${paths.config}: ${problem?.path.join(".")}: ${problem?.message}`);
}

export async function writeClusterConfig(paths: ClusterPaths, config: ClusterConfig): Promise<void> {
  await writeFileAtomic(paths.config, `${JSON.stringify(config, null, 2)}\n`);
}

/** The names of the simulated nodes there were to be last; none where there were never any. */
export function readSimulatedNodes(paths: ClusterPaths): readonly string[] {
  if (!existsSync(paths.simulatedNodes)) return [];
  return JSON.parse(readFileSync(paths.simulatedNodes, "utf8")) as string[];
}

export async function writeSimulatedNodes(paths: ClusterPaths, names: readonly string[]): Promise<void> {
  await writeFileAtomic(paths.simulatedNodes, JSON.stringify(names));
}

/** The nodes that were to go when a run was interrupted; none where none was. */
export function readLeaving(paths: ClusterPaths): readonly string[] {
  if (!existsSync(paths.leaving)) return [];
  return JSON.parse(readFileSync(paths.leaving, "utf8")) as string[];
}

export async function writeLeaving(paths: ClusterPaths, names: readonly string[]): Promise<void> {
  if (names.length === 0) rmSync(paths.leaving, { force: true });
  else await writeFileAtomic(paths.leaving, JSON.stringify(names));
}

/** Makes the folder in which clusters are kept; whether it was there before is remembered, for removeEmptyHome. Throws UserError. */
export function prepareHome(home: string): void {
  try {
    if (!existsSync(home)) {
      mkdirSync(home, { recursive: true });
      writeFileSync(join(home, madeHere), "");
    }
    mkdirSync(join(home, "clusters"), { recursive: true });
  } catch (cause) {
    throw new UserError(`Cannot keep clusters in ${home}: ${describeError(cause)}`, {
      hints: ["Set SLIPWAY_HOME to a folder you may write to."],
      exitCode: exitCodes.host,
      cause,
    });
  }
}

/** Removes what prepareHome has made, where no cluster is left. Call it without a lock in that folder. */
export function removeEmptyHome(home: string): void {
  try {
    rmdirSync(join(home, "clusters"));
    if (!existsSync(join(home, madeHere))) return;
    rmSync(join(home, madeHere));
    rmdirSync(home);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOTEMPTY" && code !== "EEXIST" && code !== "ENOENT") throw error;
  }
}

const madeHere = ".made-by-slipway";
