// Finds the objects a controller owns, and those in a namespace that nobody controls.

import type { KubeObject } from "#kubernetes/api";
import type { Informer, Lister } from "#kubernetes/client";
import { controllerOf } from "./owner-references.ts";

const indexName = "controller";

/** Adds the index the functions below use. */
export function indexByController<T extends KubeObject>(informer: Informer<T>): Informer<T> {
  informer.addIndex(indexName, controllerValues);
  return informer;
}

/** The objects controlled by the owner of this uid. */
export function ownedBy<T extends KubeObject>(lister: Lister<T>, uid: string | undefined): readonly T[] {
  return lister.byIndex(indexName, uid ?? "");
}

/** The objects of a namespace without a controller: candidates for adoption. */
export function orphansIn<T extends KubeObject>(lister: Lister<T>, namespace: string | undefined): readonly T[] {
  return lister.byIndex(indexName, orphanValue(namespace));
}

function controllerValues(object: KubeObject): readonly string[] {
  return [controllerOf(object)?.uid ?? orphanValue(object.metadata.namespace)];
}

/** No uid has a slash. */
function orphanValue(namespace = ""): string {
  return `orphans/${namespace}`;
}
