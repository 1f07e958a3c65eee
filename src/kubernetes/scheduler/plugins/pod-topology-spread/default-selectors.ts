// The pods a pod belongs with where it says nothing of that: those of its services and of its ReplicaSet, StatefulSet or
// ReplicationController.

import {
  createSelector,
  equalJson,
  everythingSelector,
  formatLabels,
  type KubeObject,
  type Labels,
  type Pod,
  type Resource,
  resources,
  type Selector,
  SelectorError,
  selectorOf,
  selectorOfLabels,
} from "#kubernetes/api";
import type { Informer, InformerSet } from "#kubernetes/client";

type WithSelector = KubeObject & { readonly spec?: { readonly selector?: object } };

const mostKnown = 5000;

export class DefaultSelectors {
  readonly #services;
  readonly #replicaSets;
  readonly #statefulSets;
  readonly #replicationControllers;
  readonly #detach: (() => void)[] = [];
  /** What was found, until one of the objects it comes from changes. */
  readonly #known = new Map<string, Selector>();

  constructor(informers: InformerSet) {
    this.#services = this.#follow(informers, resources.services);
    this.#replicaSets = this.#follow(informers, resources.replicaSets);
    this.#statefulSets = this.#follow(informers, resources.statefulSets);
    this.#replicationControllers = this.#follow(informers, resources.replicationControllers);
  }

  /** Selects everything where the pod belongs to nothing. */
  of({ metadata }: Pod): Selector {
    const { namespace = "", labels, ownerReferences } = metadata;
    const owner = ownerReferences?.find(({ controller }) => controller);
    const ownerKey = owner ? `${owner.apiVersion}/${owner.kind}/${owner.name}` : "";
    const key = `${namespace}\n${ownerKey}\n${formatLabels(labels)}`;
    let selector = this.#known.get(key);
    if (!selector) {
      selector = this.#find(namespace, labels, ownerKey, owner?.name ?? "");
      if (this.#known.size >= mostKnown) this.#known.clear();
      this.#known.set(key, selector);
    }
    return selector;
  }

  stop(): void {
    for (const detach of this.#detach.splice(0)) detach();
  }

  #follow<T extends WithSelector>(informers: InformerSet, resource: Resource<T>): Informer<T> {
    const informer = informers.informer(resource);
    const forget = () => this.#known.clear();
    const handler = {
      added: forget,
      deleted: forget,
      updated: (now: T, old: T) => {
        if (!equalJson(now.spec?.selector ?? null, old.spec?.selector ?? null)) forget();
      },
    };
    this.#detach.push(informer.addHandler(handler));
    return informer;
  }

  #find(namespace: string, labels: Labels | undefined, ownerKey: string, name: string): Selector {
    const wanted: Record<string, string> = {};
    for (const { spec } of this.#services.list(namespace)) {
      if (spec?.selector && selectorOfLabels(spec.selector).matches(labels)) Object.assign(wanted, spec.selector);
    }
    const key = { namespace, name };
    switch (ownerKey.slice(0, ownerKey.lastIndexOf("/"))) {
      case "v1/ReplicationController":
        return selectorOfLabels({ ...wanted, ...this.#replicationControllers.get(key)?.spec?.selector });
      case "apps/v1/ReplicaSet":
        return joined(wanted, this.#replicaSets.get(key)?.spec?.selector);
      case "apps/v1/StatefulSet":
        return joined(wanted, this.#statefulSets.get(key)?.spec?.selector);
      default:
        return selectorOfLabels(wanted);
    }
  }
}

function joined(labels: Labels, selector: object | undefined): Selector {
  const requirements = selector ? requirementsOf(selector) : [];
  return createSelector([...selectorOfLabels(labels).requirements, ...requirements]);
}

function requirementsOf(selector: object): Selector["requirements"] {
  try {
    return selectorOf(selector).requirements;
  } catch (error) {
    if (error instanceof SelectorError) return everythingSelector.requirements;
    throw error;
  }
}
