// Finds the node for a pod: preFilter, filter until enough nodes fit, score, choose. Runs to its end without waiting.

import { describeError } from "#shared";
import type { NodeInfo } from "../cluster/node-info.ts";
import type { PodInfo } from "../cluster/pod-info.ts";
import type { Snapshot } from "../cluster/snapshot.ts";
import type { Nominator, Plugin, PostFilterResult, PreFilterStatus } from "../framework.ts";
import { noMetrics, type SchedulerMetrics, timePoints } from "../metrics.ts";
import { isRejection, type Rejection, unresolvable } from "../status.ts";
import { Diagnosis } from "./diagnosis.ts";
import { NodeFilter } from "./node-filter.ts";
import { runPlugin } from "./plugin-error.ts";
import { type PodClass, PodClasses } from "./pod-class.ts";
import type { FilterStates, Profile } from "./profile.ts";
import { pickNode } from "./score-nodes.ts";

/** What became of a pod. */
export type ScheduleOutcome =
  | { readonly kind: "placed"; readonly nodeName: string; readonly states: FilterStates }
  | { readonly kind: "no-nodes" }
  | ({ readonly kind: "unschedulable"; readonly diagnosis: Diagnosis; readonly message: string } & Pick<
      PostFilterResult,
      "nominatedNodeName"
    >);

export interface PodSchedulerOptions {
  readonly snapshot: Snapshot;
  readonly nominator: Nominator;
  /** How many of the nodes that fit are compared, in percent; 0: the fewer the more nodes there are. */
  readonly percentageOfNodesToScore: number;
  /** Whether answers about nodes are kept for further pods of the same kind. Default true. */
  readonly keepsResults?: boolean;
  readonly metrics?: SchedulerMetrics;
}

const fewestNodesToFind = 100;
const fewestPercent = 5;

/** How many nodes that fit are enough. */
export function nodesToFind(nodeCount: number, percentage: number): number {
  if (nodeCount < fewestNodesToFind) return nodeCount;
  const adaptive = Math.max(50 - Math.floor(nodeCount / 125), fewestPercent);
  return Math.max(Math.floor((nodeCount * (percentage || adaptive)) / 100), fewestNodesToFind);
}

interface Filtering {
  readonly filter: NodeFilter;
  readonly states: FilterStates;
  readonly podClass: PodClass;
  /** The only nodes worth looking at, where that is known. */
  readonly nodeNames: ReadonlySet<string> | undefined;
  /** The plug-ins that said so. */
  readonly namingPlugins: readonly string[];
}

export class PodScheduler {
  readonly #options: PodSchedulerOptions;
  readonly #classes: PodClasses;
  /** Where the next search begins: each pod looks at the nodes after those the last one has looked at. */
  #nextStart = 0;

  constructor(options: PodSchedulerOptions) {
    this.#options = options;
    this.#classes = new PodClasses(options.keepsResults ?? true);
  }

  /** Throws where a plug-in cannot do its work. */
  schedule(pod: PodInfo, profile: Profile): ScheduleOutcome {
    const { snapshot } = this.#options;
    if (snapshot.nodes.length === 0) return { kind: "no-nodes" };
    const diagnosis = new Diagnosis();
    const ran = timePoints(this.#options.metrics ?? noMetrics, profile.name);
    const filtering = this.#preFilter(pod, profile, diagnosis);
    const isRejected = diagnosis.preFilterMessage !== undefined;
    ran("PreFilter", isRejected ? "Unschedulable" : "Success");
    const feasible = isRejected ? [] : this.#findNodes(filtering, profile, diagnosis);
    if (!isRejected) ran("Filter", feasible.length === 0 ? "Unschedulable" : "Success");
    if (feasible.length === 0) {
      const outcome = this.#postFilter(filtering.filter, profile, diagnosis);
      ran("PostFilter", outcome.kind === "unschedulable" && outcome.nominatedNodeName ? "Success" : "Unschedulable");
      return outcome;
    }
    const { podClass, states } = filtering;
    if (feasible.length === 1) return { kind: "placed", nodeName: feasible[0]!.name, states };
    const node = pickNode(pod, feasible, { snapshot, profile, podClass });
    ran("Score", "Success");
    return { kind: "placed", nodeName: node.name, states };
  }

  #preFilter(pod: PodInfo, profile: Profile, diagnosis: Diagnosis): Filtering {
    const { snapshot, nominator } = this.#options;
    const podClass = this.#classes.of(pod, profile);
    const states = new Map<Plugin, unknown>();
    const skipped = new Set<Plugin>();
    const namingPlugins: string[] = [];
    let nodeNames: ReadonlySet<string> | undefined;
    for (const plugin of profile.preFilter) {
      const status = runPreFilter(plugin, pod, podClass, snapshot);
      if (status.code === "Skip") skipped.add(plugin);
      else if (isRejection(status)) {
        noteRejection(diagnosis, status);
        if (status.code !== "Unschedulable") break;
      } else if (status.code === "Success") {
        states.set(plugin, status.state);
        if (!status.nodeNames) continue;
        namingPlugins.push(plugin.name);
        nodeNames = nodeNames ? nodeNames.intersection(status.nodeNames) : status.nodeNames;
        if (nodeNames.size > 0) continue;
        noteContradiction(diagnosis, namingPlugins);
        break;
      }
    }
    const filter = new NodeFilter({ pod, snapshot, profile, podClass, nominator, states, skipped });
    return { filter, states, podClass, nodeNames, namingPlugins };
  }

  #findNodes(filtering: Filtering, profile: Profile, diagnosis: Diagnosis): NodeInfo[] {
    const { filter, nodeNames, namingPlugins } = filtering;
    const { snapshot } = this.#options;
    for (const name of namingPlugins) diagnosis.unschedulablePlugins.add(name);
    const nominated = this.#tryNominated(filter, diagnosis);
    if (nominated) return [nominated];
    if (!nodeNames) return this.#search(filter, snapshot.nodes, profile, diagnosis);
    const named = [...nodeNames].map((name) => snapshot.node(name)).filter((node) => node !== undefined);
    diagnosis.others = unresolvable("", `node(s) didn't satisfy plugin(s) [${namingPlugins.toSorted().join(" ")}]`);
    return this.#search(filter, named, profile, diagnosis);
  }

  /** A pod for which room was made goes there if it now fits, without looking further. */
  #tryNominated(filter: NodeFilter, diagnosis: Diagnosis): NodeInfo | undefined {
    const name = filter.pod.pod.status?.nominatedNodeName;
    const node = name ? this.#options.snapshot.node(name) : undefined;
    if (!node) return undefined;
    const status = filter.filterWithNominated(node);
    if (!isRejection(status)) return node;
    diagnosis.addPlugin(status);
    return undefined;
  }

  #search(filter: NodeFilter, nodes: readonly NodeInfo[], profile: Profile, diagnosis: Diagnosis): NodeInfo[] {
    const { snapshot, percentageOfNodesToScore } = this.#options;
    const percentage = profile.percentageOfNodesToScore ?? percentageOfNodesToScore;
    const wanted = profile.score.length > 0 ? nodesToFind(nodes.length, percentage) : 1;
    const feasible: NodeInfo[] = [];
    for (let step = 0; step < nodes.length && feasible.length < wanted; step++) {
      const node = nodes[(this.#nextStart + step) % nodes.length]!;
      const status = filter.filterWithNominated(node);
      if (isRejection(status)) diagnosis.add(node, status);
      else feasible.push(node);
    }
    this.#nextStart = (this.#nextStart + feasible.length + diagnosis.nodes.length) % snapshot.nodes.length;
    return feasible;
  }

  #postFilter(filter: NodeFilter, profile: Profile, diagnosis: Diagnosis): ScheduleOutcome {
    const messages: string[] = [];
    let nominatedNodeName: string | undefined = profile.postFilter.length === 0 ? "" : undefined;
    for (const plugin of profile.postFilter) {
      const result = runPostFilter(plugin, filter, diagnosis);
      if (!isRejection(result.status)) {
        nominatedNodeName = result.nominatedNodeName;
        messages.length = 0;
        break;
      }
      nominatedNodeName = result.nominatedNodeName ?? nominatedNodeName;
      messages.push(...result.status.reasons);
      if (result.status.code === "UnschedulableAndUnresolvable") break;
    }
    diagnosis.postFilterMessage = messages.join(", ");
    const message = diagnosis.describe(this.#options.snapshot.nodes.length);
    return { kind: "unschedulable", diagnosis, message, nominatedNodeName };
  }
}

function runPreFilter(plugin: Plugin, pod: PodInfo, podClass: PodClass, snapshot: Snapshot): PreFilterStatus<unknown> {
  return runPlugin(`running PreFilter plugin "${plugin.name}"`, () =>
    plugin.scope === "node" ? podClass.preFilter(plugin, pod, snapshot) : plugin.preFilter!(pod, snapshot),
  );
}

/** What goes wrong here is told with why the pod does not fit, which is what it is about. */
function runPostFilter(plugin: Plugin, filter: NodeFilter, diagnosis: Diagnosis): PostFilterResult {
  try {
    return plugin.postFilter!(filter, diagnosis);
  } catch (error) {
    return { status: unresolvable(plugin.name, describeError(error)) };
  }
}

function noteRejection(diagnosis: Diagnosis, status: Rejection): void {
  diagnosis.others = status;
  diagnosis.preFilterMessage = status.reasons.join(", ");
  diagnosis.addPlugin(status);
}

function noteContradiction(diagnosis: Diagnosis, plugins: readonly string[]): void {
  const sorted = plugins.toSorted();
  const names = sorted.length === 1 ? ` ${sorted[0]}` : `(s) [${sorted.join(" ")}] simultaneously`;
  noteRejection(diagnosis, unresolvable("", `node(s) didn't satisfy plugin${names}`));
  for (const name of plugins) diagnosis.unschedulablePlugins.add(name);
}
