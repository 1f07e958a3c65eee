// Namespaces by their labels, for terms that select namespaces so.

import { type Labels, type Namespace, resources } from "#kubernetes/api";
import type { Informer, InformerSet } from "#kubernetes/client";
import { type AffinityTerm, withNamespaces } from "../../cluster/affinity-term.ts";
import { equalLabels } from "../../cluster/pod-info.ts";

export class Namespaces {
  readonly #informer: Informer<Namespace>;
  readonly #detach: () => void;
  /** Terms with the namespaces they stand for, until a namespace changes. */
  readonly #resolved = new Map<AffinityTerm, AffinityTerm>();

  constructor(informers: InformerSet) {
    this.#informer = informers.informer(resources.namespaces);
    const forget = () => this.#resolved.clear();
    this.#detach = this.#informer.addHandler({
      added: forget,
      deleted: forget,
      updated(now, old) {
        if (!equalLabels(now.metadata.labels, old.metadata.labels)) forget();
      },
    });
  }

  labelsOf(name: string): Labels | undefined {
    return this.#informer.get({ name })?.metadata.labels;
  }

  /** The term over the namespaces its selector stands for at present. */
  resolve(term: AffinityTerm): AffinityTerm {
    const { namespaceSelector, namespaces } = term;
    // All namespaces or none: nothing to look up.
    if (namespaceSelector.requirements.length === 0) return term;
    let resolved = this.#resolved.get(term);
    if (!resolved) {
      const selected = this.#informer.list().filter(({ metadata }) => namespaceSelector.matches(metadata.labels));
      resolved = withNamespaces(term, new Set([...namespaces, ...selected.map(({ metadata }) => metadata.name ?? "")]));
      this.#resolved.set(term, resolved);
    }
    return resolved;
  }

  stop(): void {
    this.#detach();
  }
}
