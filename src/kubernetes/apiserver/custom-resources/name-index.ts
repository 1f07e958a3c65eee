// The names definitions have got, by group, so that the next one is told at once what is taken.

import type { CustomResourceDefinitionNames } from "#kubernetes/api";
import type { TakenNames } from "./naming.ts";

interface GroupNames {
  readonly resources: Map<string, number>;
  readonly kinds: Map<string, number>;
  readonly definitions: Map<string, CustomResourceDefinitionNames>;
}

export class NameIndex {
  readonly #groups = new Map<string, GroupNames>();

  /** Notes what a definition has; undefined: it is gone. */
  set(definition: string, group: string, names: CustomResourceDefinitionNames | undefined): void {
    const of = this.#groupOf(group);
    const before = of.definitions.get(definition);
    if (before) count(of, before, -1);
    if (names) {
      of.definitions.set(definition, names);
      count(of, names, 1);
    } else of.definitions.delete(definition);
    if (of.definitions.size === 0) this.#groups.delete(group);
  }

  taken(group: string): TakenNames {
    return this.#groups.get(group) ?? nothingTaken;
  }

  /** The definitions of a group. */
  definitionsOf(group: string): readonly string[] {
    return [...(this.#groups.get(group)?.definitions.keys() ?? [])];
  }

  #groupOf(group: string): GroupNames {
    let found = this.#groups.get(group);
    if (!found) {
      found = { resources: new Map(), kinds: new Map(), definitions: new Map() };
      this.#groups.set(group, found);
    }
    return found;
  }
}

const nothingTaken: TakenNames = { resources: new Set(), kinds: new Set() };

function count(group: GroupNames, names: CustomResourceDefinitionNames, by: number): void {
  const { plural, singular, shortNames = [], kind, listKind } = names;
  for (const name of [plural, singular, ...shortNames]) add(group.resources, name, by);
  for (const name of [kind, listKind]) add(group.kinds, name, by);
}

function add(counts: Map<string, number>, name: string | undefined, by: number): void {
  if (!name) return;
  const after = (counts.get(name) ?? 0) + by;
  if (after > 0) counts.set(name, after);
  else counts.delete(name);
}
