// The order in which a pod's containers stop: regular ones first, then sidecars in the reverse order of their start.

import { type BoundPod, isSidecar } from "../pod/bound-pod.ts";

export class TerminationOrder {
  readonly #ended = new Map<string, PromiseWithResolvers<void>>();
  readonly #before = new Map<string, readonly string[]>();

  /** `running` names the containers that are to be stopped; others count as ended. */
  constructor(pod: BoundPod, running: ReadonlySet<string>) {
    const regular = pod.spec.containers.map(({ name }) => name);
    for (const name of running) this.#ended.set(name, Promise.withResolvers());
    let later: string | undefined;
    for (const container of (pod.spec.initContainers ?? []).toReversed()) {
      if (!isSidecar(container)) continue;
      this.#before.set(container.name, later === undefined ? regular : [...regular, later]);
      later = container.name;
    }
  }

  /** Resolves when every container that stops before this one has ended. */
  async turnOf(name: string): Promise<void> {
    await Promise.all((this.#before.get(name) ?? []).map((each) => this.#ended.get(each)?.promise));
  }

  hasEnded(name: string): void {
    this.#ended.get(name)?.resolve();
  }
}
