// Runs the filters of a pod on nodes, one by one, as things are or as they would be.

import type { NodeInfo } from "../cluster/node-info.ts";
import type { PodInfo } from "../cluster/pod-info.ts";
import type { Snapshot } from "../cluster/snapshot.ts";
import type { FilterCycle, Nominator, Plugin } from "../framework.ts";
import { isRejection, type Rejection, type Success, success } from "../status.ts";
import type { PodClass } from "./pod-class.ts";
import type { Profile } from "./profile.ts";
import { type FilterRun, runFilters } from "./run-filters.ts";

export interface NodeFilterOptions {
  readonly pod: PodInfo;
  readonly snapshot: Snapshot;
  readonly profile: Profile;
  readonly podClass: PodClass;
  readonly nominator: Nominator;
  /** What plug-ins handed over from preFilter; those that skip are not in. */
  readonly states: ReadonlyMap<Plugin, unknown>;
  /** The plug-ins that skip this pod. */
  readonly skipped: ReadonlySet<Plugin>;
}

export class NodeFilter implements FilterCycle {
  readonly pod: PodInfo;
  readonly snapshot: Snapshot;
  readonly #options: NodeFilterOptions;
  /** All filters that do not skip, in order. */
  readonly #runs: readonly FilterRun[];
  /** Those of them that look at more than the node. */
  readonly #clusterRuns: readonly FilterRun[];
  /** Whether nothing was supposed, so that what is kept of nodes holds. */
  readonly #isAsIs: boolean;

  constructor(options: NodeFilterOptions, isAsIs = true) {
    this.pod = options.pod;
    this.snapshot = options.snapshot;
    this.#options = options;
    this.#isAsIs = isAsIs;
    const active = options.profile.filter.filter((plugin) => !options.skipped.has(plugin));
    this.#runs = active.map((plugin) => ({ plugin, state: options.states.get(plugin) }));
    this.#clusterRuns = this.#runs.filter(({ plugin }) => plugin.scope !== "node");
  }

  /** Whether the pod may run on the node as it is, whoever is nominated for it. Rejections name the first plug-in that says no. */
  filter(node: NodeInfo): Success | Rejection {
    return this.#isAsIs ? this.#filterByClass(node) : runFilters(this.#runs, this.pod, node);
  }

  /**
   * As `filter`; and where pods of the same or a higher priority are nominated for the node, the pod must fit beside these too.
   * Both, because with them an anti-affinity may fail and without them an affinity. What costs less is asked first.
   */
  filterWithNominated(node: NodeInfo): Success | Rejection {
    const status = this.filter(node);
    if (isRejection(status)) return status;
    const nominated = this.#options.nominator.podsNominatedFor(node.name);
    if (nominated.length === 0) return status;
    const { priority, uid } = this.pod;
    const others = nominated.filter((other) => other.priority >= priority && other.uid !== uid);
    return others.length > 0 ? this.#filterBeside(others, node) : status;
  }

  remember<T>(node: NodeInfo, about: string, find: () => T): T {
    const { podClass, nominator } = this.#options;
    const looksFurther = this.#clusterRuns.length > 0 || !this.#isAsIs;
    return looksFurther ? find() : podClass.remember(node, about, nominator.podsNominatedFor(node.name), find);
  }

  copy(): NodeFilter {
    const states = new Map<Plugin, unknown>();
    for (const [plugin, state] of this.#options.states) states.set(plugin, plugin.copyState?.(state) ?? state);
    return new NodeFilter({ ...this.#options, states }, false);
  }

  addPod(other: PodInfo, node: NodeInfo): void {
    for (const [plugin, state] of this.#options.states) plugin.addPod?.(state, this.pod, other, node);
  }

  removePod(other: PodInfo, node: NodeInfo): void {
    for (const [plugin, state] of this.#options.states) plugin.removePod?.(state, this.pod, other, node);
  }

  /** The plug-ins of one node first, whose answers may be kept; the order only matters where several say no. */
  #filterByClass(node: NodeInfo): Success | Rejection {
    const { podClass, profile } = this.#options;
    const local = podClass.filter(this.pod, node, this.snapshot);
    if (this.#clusterRuns.length === 0 || local === success) {
      return local === success ? runFilters(this.#clusterRuns, this.pod, node) : local;
    }
    const rejector = profile.filter.findIndex(({ name }) => name === (local as Rejection).plugin);
    const earlier = this.#clusterRuns.filter(({ plugin }) => profile.filter.indexOf(plugin) < rejector);
    const status = runFilters(earlier, this.pod, node);
    return isRejection(status) ? status : local;
  }

  #filterBeside(others: readonly PodInfo[], node: NodeInfo): Success | Rejection {
    const supposed = this.copy();
    const crowded = node.copy();
    for (const other of others) {
      crowded.addPod(other);
      supposed.addPod(other, crowded);
    }
    return supposed.filter(crowded);
  }
}
