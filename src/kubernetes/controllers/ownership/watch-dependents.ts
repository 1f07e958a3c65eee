// Which owners a change of a dependent concerns: its controller, or, of one without, all that could adopt it.

import { formatKey, type KubeObject, keyOf, type OwnerReference, type Resource, type Selector } from "#kubernetes/api";
import type { Informer } from "#kubernetes/client";
import { type Watch, watch } from "#kubernetes/runtime";
import { controllerOf } from "./owner-references.ts";
import { matchesLabels } from "./selectors.ts";

export interface OwnersOf<T extends KubeObject> {
  readonly owners: Informer<T>;
  readonly resource: Resource<T>;
  /** Undefined where the owner's selector cannot be read. */
  selectorOf(owner: T): Selector | undefined;
}

/** The owner a reference means, if it is of this kind and still the same object. */
export function resolveController<T extends KubeObject>(
  { owners, resource }: Pick<OwnersOf<T>, "owners" | "resource">,
  namespace: string | undefined,
  reference: OwnerReference | undefined,
): T | undefined {
  if (reference?.kind !== resource.kind) return undefined;
  const owner = owners.get({ namespace, name: reference.name });
  return owner?.metadata.uid === reference.uid ? owner : undefined;
}

/** Queues the owners of dependents that change. */
export function watchDependents<T extends KubeObject, D extends KubeObject>(
  dependents: Informer<D>,
  parts: OwnersOf<T>,
): Watch {
  const ownerOf = (dependent: D) => resolveController(parts, dependent.metadata.namespace, controllerOf(dependent));
  return watch(dependents, (queue) => {
    const addOwner = (dependent: D) => {
      const owner = ownerOf(dependent);
      if (owner) queue.add(formatKey(keyOf(owner)));
    };
    const addAdopters = (orphan: D) => {
      for (const owner of findAdopters(orphan, parts)) queue.add(formatKey(keyOf(owner)));
    };
    return {
      added(dependent) {
        if (controllerOf(dependent)) addOwner(dependent);
        else if (!dependent.metadata.deletionTimestamp) addAdopters(dependent);
      },
      updated(dependent, old) {
        const hasOtherController = controllerOf(old)?.uid !== controllerOf(dependent)?.uid;
        if (hasOtherController) addOwner(old);
        if (controllerOf(dependent)) addOwner(dependent);
        else if (dependent.metadata.deletionTimestamp) return;
        else if (hasOtherController || haveLabelsChanged(dependent, old)) addAdopters(dependent);
      },
      deleted: addOwner,
    };
  });
}

/** The owners whose selector takes an orphan; one that selects everything by accident takes none. */
export function findAdopters<T extends KubeObject>(orphan: KubeObject, { owners, selectorOf }: OwnersOf<T>): T[] {
  return owners.list(orphan.metadata.namespace ?? "").filter((owner) => {
    const selector = selectorOf(owner);
    return selector && !selector.isEmpty && matchesLabels(selector, orphan);
  });
}

export function haveLabelsChanged(object: KubeObject, old: KubeObject): boolean {
  const labels = object.metadata.labels ?? {};
  const before = old.metadata.labels ?? {};
  const keys = Object.keys(labels);
  return keys.length !== Object.keys(before).length || keys.some((key) => labels[key] !== before[key]);
}
