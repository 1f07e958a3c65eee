// How much is read to answer lists, under upstream's names for lists that its watch cache answers: here, too, memory does.

import type { Exposition } from "./exposition.ts";
import { Counters } from "./families.ts";

export interface ListedResource {
  readonly group: string;
  readonly resource: string;
}

export interface ListCount {
  /** Objects looked at. */
  readonly fetched: number;
  /** Of those, objects answered. */
  readonly returned: number;
  /** The latest there is was asked for. */
  readonly isConsistent: boolean;
}

export class ListMetrics {
  readonly #lists = new Counters({
    name: "apiserver_cache_list_total",
    help: "Lists answered from memory.",
    labels: ["group", "index", "resource"],
  });
  readonly #fetched = new Counters({
    name: "apiserver_cache_list_fetched_objects_total",
    help: "Objects looked at for lists.",
    labels: ["group", "index", "resource"],
  });
  readonly #returned = new Counters({
    name: "apiserver_cache_list_returned_objects_total",
    help: "Objects answered in lists.",
    labels: ["group", "resource"],
  });
  readonly #consistent = new Counters({
    name: "apiserver_watch_cache_consistent_read_total",
    help: "Lists of the latest there is.",
    labels: ["fallback", "group", "resource", "success"],
  });

  note({ group, resource }: ListedResource, { fetched, returned, isConsistent }: ListCount): void {
    // No index is kept to list by.
    this.#lists.add([group, "", resource]);
    this.#fetched.add([group, "", resource], fetched);
    this.#returned.add([group, resource], returned);
    if (isConsistent) this.#consistent.add(["false", group, resource, "true"]);
  }

  write(exposition: Exposition): void {
    for (const family of [this.#lists, this.#fetched, this.#returned, this.#consistent]) family.write(exposition);
  }
}
