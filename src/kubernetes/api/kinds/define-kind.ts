// Ties a kind's definition to its own type, while lists of all kinds need not know it.

import type { KubeObject } from "../resource.ts";
import type { KindDefinition } from "./kind-definition.ts";

/** The definition, for a list of all kinds. Whoever looks one up by group, version and kind hands it objects of that kind. */
export function defineKind<T extends KubeObject>(definition: KindDefinition<T>): KindDefinition {
  return definition as unknown as KindDefinition;
}

/** An object whose named fields decoding always writes, if only as {}. */
export type Decoded<T, K extends keyof T> = Omit<T, K> & { [Field in K]-?: NonNullable<T[Field]> };
