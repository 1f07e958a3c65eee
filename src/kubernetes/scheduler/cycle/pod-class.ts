// Pods that are alike to the plug-ins that look at one node only: what these answered about a node for one of them holds for the
// next, for as long as the node stays as it is. Nodes tell that by their generation.

import type { NodeInfo } from "../cluster/node-info.ts";
import type { PodInfo } from "../cluster/pod-info.ts";
import type { Snapshot } from "../cluster/snapshot.ts";
import { maxNodeScore, type Plugin, type PreFilterStatus, type PreScoreStatus, type Scores } from "../framework.ts";
import type { Rejection, Success } from "../status.ts";
import { pluginError, runPlugin } from "./plugin-error.ts";
import type { Profile, WeightedPlugin } from "./profile.ts";
import { type FilterRun, runFilters } from "./run-filters.ts";

export interface LocalScore extends WeightedPlugin {
  readonly state: unknown;
}

/** More kinds of pods at once are rare, and each may keep something for each node. */
const mostClasses = 64;

export class PodClasses {
  readonly #classes = new Map<string, PodClass>();
  readonly #isKept: boolean;

  /** `isKept` false: every pod is a class of its own, and nothing is kept. */
  constructor(isKept: boolean) {
    this.#isKept = isKept;
  }

  /** The class of a pod. */
  of(pod: PodInfo, profile: Profile): PodClass {
    const signature = this.#isKept ? signatureOf(pod, profile) : undefined;
    if (signature === undefined) return new PodClass(profile);
    const known = this.#classes.get(signature);
    if (known) this.#classes.delete(signature);
    else if (this.#classes.size >= mostClasses) this.#classes.delete(this.#classes.keys().next().value!);
    const podClass = known ?? new PodClass(profile);
    this.#classes.set(signature, podClass);
    if (known) known.keepResults();
    return podClass;
  }
}

function signatureOf(pod: PodInfo, { name, plugins }: Profile): string | undefined {
  let signature = name;
  for (const plugin of plugins) {
    if (plugin.scope !== "node") continue;
    const own = plugin.sign!(pod);
    if (own === undefined) return undefined;
    signature += `\n${own}`;
  }
  return signature;
}

export class PodClass {
  readonly #profile: Profile;
  readonly #preFilters = new Map<Plugin, PreFilterStatus<unknown>>();
  #filters: readonly FilterRun[] | undefined;
  #hasScores = false;
  #directScores: readonly LocalScore[] = [];
  #rawScores: readonly LocalScore[] = [];
  #kept: KeptResults | undefined;

  constructor(profile: Profile) {
    this.#profile = profile;
  }

  /** There are more pods like this: answers about nodes are kept from here on. */
  keepResults(): void {
    this.#kept ??= new KeptResults();
  }

  /** What a plug-in of the scope "node" makes of such pods. */
  preFilter(plugin: Plugin, pod: PodInfo, snapshot: Snapshot): PreFilterStatus<unknown> {
    let status = this.#preFilters.get(plugin);
    if (!status) {
      status = plugin.preFilter!(pod, snapshot);
      this.#preFilters.set(plugin, status);
    }
    return status;
  }

  /** Asks the plug-ins of the scope "node" whether the pod may run there. All of them must have had their preFilter. */
  filter(pod: PodInfo, node: NodeInfo, snapshot: Snapshot): Success | Rejection {
    const kept = this.#kept;
    if (!kept) return this.#runFilters(pod, node);
    kept.makeRoom(snapshot.slots);
    if (kept.filterGenerations[node.slot] === node.generation) return kept.statuses[node.slot]!;
    const status = this.#runFilters(pod, node);
    kept.filterGenerations[node.slot] = node.generation;
    kept.statuses[node.slot] = status;
    return status;
  }

  /**
   * Scores nodes: `totals` gets the weighted sums of the scores that are what they are, `raw` (one list for each of rawScores)
   * those still to be normalized; both in the order of the nodes.
   */
  score(pod: PodInfo, nodes: readonly NodeInfo[], snapshot: Snapshot, totals: Scores, raw: readonly Scores[]): void {
    const kept = this.#kept;
    kept?.makeRoom(snapshot.slots);
    kept?.forgetScoresBefore(snapshot.sharedVersion, raw.length);
    for (let at = 0; at < nodes.length; at++) {
      const node = nodes[at]!;
      const { slot } = node;
      if (kept && kept.scoreGenerations[slot] === node.generation) {
        totals[at] = kept.totals[slot]!;
        for (let list = 0; list < raw.length; list++) raw[list]![at] = kept.raw[list]![slot]!;
      } else {
        this.#scoreNode(pod, node, snapshot, at, totals, raw);
        kept?.keepScores(node, at, totals, raw);
      }
    }
  }

  /** The scores of the scope "node" that are normalized over all the nodes that fit. To be asked before `score`. */
  rawScoresOf(pod: PodInfo, nodes: readonly NodeInfo[], snapshot: Snapshot): readonly LocalScore[] {
    if (!this.#hasScores) this.#selectScores(pod, nodes, snapshot);
    return this.#rawScores;
  }

  /** See FilterCycle. `nominated`: the pods that are promised the node. */
  remember<T>(node: NodeInfo, about: string, nominated: readonly PodInfo[], find: () => T): T {
    const memory = this.#kept?.memoryOf(about);
    const { generation, replacements } = node;
    const known = memory?.[node.slot];
    const isValid =
      known?.generation === generation && known.replacements === replacements && known.nominated === nominated;
    if (isValid) return known.value as T;
    const value = find();
    if (memory) memory[node.slot] = { generation, replacements, nominated, value };
    return value;
  }

  #runFilters(pod: PodInfo, node: NodeInfo): Success | Rejection {
    this.#filters ??= this.#selectFilters();
    return runFilters(this.#filters, pod, node);
  }

  #selectFilters(): readonly FilterRun[] {
    const filters: FilterRun[] = [];
    for (const plugin of this.#profile.filter) {
      if (plugin.scope !== "node") continue;
      const status = this.#preFilters.get(plugin);
      if (status?.code === "Skip") continue;
      filters.push({ plugin, state: status?.code === "Success" ? status.state : undefined });
    }
    return filters;
  }

  #selectScores(pod: PodInfo, nodes: readonly NodeInfo[], snapshot: Snapshot): void {
    const scores: LocalScore[] = [];
    for (const { plugin, weight } of this.#profile.score) {
      if (plugin.scope !== "node") continue;
      const status = runPreScore(plugin, this.#profile, pod, nodes, snapshot);
      if (status?.code !== "Skip") scores.push({ plugin, weight, state: status?.state });
    }
    this.#hasScores = true;
    this.#directScores = scores.filter(({ plugin }) => !plugin.normalizeScores);
    this.#rawScores = scores.filter(({ plugin }) => plugin.normalizeScores);
  }

  #scoreNode(
    pod: PodInfo,
    node: NodeInfo,
    snapshot: Snapshot,
    at: number,
    totals: Scores,
    raw: readonly Scores[],
  ): void {
    let running: Plugin | undefined;
    try {
      let total = 0;
      for (const { plugin, weight, state } of this.#directScores) {
        running = plugin;
        const score = plugin.score!(state, pod, node, snapshot);
        checkScore(plugin, score);
        total += weight * score;
      }
      totals[at] = total;
      for (let list = 0; list < raw.length; list++) {
        const { plugin, state } = this.#rawScores[list]!;
        running = plugin;
        raw[list]![at] = plugin.score!(state, pod, node, snapshot);
      }
    } catch (error) {
      throw pluginError(`running Score plugins: plugin "${running?.name}" failed with`, error);
    }
  }
}

/** undefined where the plug-in has no preScore. */
export function runPreScore(
  plugin: Plugin,
  profile: Profile,
  pod: PodInfo,
  nodes: readonly NodeInfo[],
  snapshot: Snapshot,
): PreScoreStatus<unknown> | undefined {
  if (!profile.preScore.includes(plugin)) return undefined;
  return runPlugin(`running PreScore plugin "${plugin.name}"`, () => plugin.preScore!(pod, nodes, snapshot));
}

/** Throws where a score is out of range. */
export function checkScore(plugin: Plugin, score: number): void {
  if (score >= 0 && score <= maxNodeScore) return;
  throw new Error(
    `plugin "${plugin.name}" returns an invalid score ${score}, it should in the range of [0, ${maxNodeScore}] after normalizing`,
  );
}

interface Memory {
  readonly generation: number;
  readonly replacements: number;
  readonly nominated: readonly PodInfo[];
  readonly value: unknown;
}

/** Answers by the slots of nodes, each good for the generation it was given at. */
class KeptResults {
  filterGenerations = new Float64Array(0);
  statuses: (Success | Rejection)[] = [];
  scoreGenerations = new Float64Array(0);
  totals = new Float64Array(0);
  raw: Float64Array[] = [];
  #sharedVersion = -1;
  readonly #memories = new Map<string, Memory[]>();

  makeRoom(slots: number): void {
    if (this.filterGenerations.length >= slots) return;
    const length = Math.max(16, Math.ceil(slots * 1.25));
    this.filterGenerations = extend(this.filterGenerations, length);
    this.scoreGenerations = extend(this.scoreGenerations, length);
    this.totals = extend(this.totals, length);
    this.raw = this.raw.map((scores) => extend(scores, length));
  }

  memoryOf(about: string): Memory[] {
    let memory = this.#memories.get(about);
    if (!memory) {
      memory = [];
      this.#memories.set(about, memory);
    }
    return memory;
  }

  forgetScoresBefore(sharedVersion: number, rawCount: number): void {
    if (this.#sharedVersion === sharedVersion && this.raw.length === rawCount) return;
    this.#sharedVersion = sharedVersion;
    this.scoreGenerations.fill(0);
    while (this.raw.length < rawCount) this.raw.push(new Float64Array(this.filterGenerations.length));
  }

  keepScores({ slot, generation }: NodeInfo, at: number, totals: Scores, raw: readonly Scores[]): void {
    this.scoreGenerations[slot] = generation;
    this.totals[slot] = totals[at]!;
    for (let list = 0; list < raw.length; list++) this.raw[list]![slot] = raw[list]![at]!;
  }
}

function extend(array: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const extended = new Float64Array(length);
  extended.set(array);
  return extended;
}
