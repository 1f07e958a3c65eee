// The order in which nodes are looked at: one of each zone in turn, so that the first few hundred are spread over all zones.

import type { Node } from "#kubernetes/api";

/** The zone of a node with its region, by the labels of today or those of old; "" where it has none. */
export function zoneKeyOf({ metadata: { labels = {} } }: Node): string {
  const zone = labels["failure-domain.beta.kubernetes.io/zone"] ?? labels["topology.kubernetes.io/zone"] ?? "";
  const region = labels["failure-domain.beta.kubernetes.io/region"] ?? labels["topology.kubernetes.io/region"] ?? "";
  return zone === "" && region === "" ? "" : `${region}:\0:${zone}`;
}

export class NodeOrder {
  /** By zone, in the order zones appeared; names in the order nodes appeared. */
  readonly #zones = new Map<string, Set<string>>();
  readonly #zoneByName = new Map<string, string>();

  get size(): number {
    return this.#zoneByName.size;
  }

  /** Adds the node, or moves it where its zone has changed. Answers whether the order is another now. */
  put(node: Node): boolean {
    const name = node.metadata.name ?? "";
    const zone = zoneKeyOf(node);
    if (this.#zoneByName.get(name) === zone) return false;
    this.remove(name);
    this.#zoneByName.set(name, zone);
    const names = this.#zones.get(zone);
    if (names) names.add(name);
    else this.#zones.set(zone, new Set([name]));
    return true;
  }

  remove(name: string): boolean {
    const zone = this.#zoneByName.get(name);
    if (zone === undefined) return false;
    this.#zoneByName.delete(name);
    const names = this.#zones.get(zone)!;
    names.delete(name);
    if (names.size === 0) this.#zones.delete(zone);
    return true;
  }

  /** All names, round by round through the zones. */
  list(): string[] {
    const zones = [...this.#zones.values()].map((names) => [...names]);
    const longest = Math.max(0, ...zones.map((names) => names.length));
    const list: string[] = [];
    for (let round = 0; round < longest; round++) {
      for (const names of zones) if (round < names.length) list.push(names[round]!);
    }
    return list;
  }
}
