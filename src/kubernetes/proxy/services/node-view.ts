// What the rules need to know beside services: this node's zone and address, and where services' addresses come from.

import { type Node, resources, type ServiceCIDR } from "#kubernetes/api";
import type { Informer, InformerSet } from "#kubernetes/client";
import { addressIn, familyOf, type IPFamily } from "../nft/family.ts";
import type { NodePlace } from "./topology.ts";

export interface NodeViewOptions {
  readonly nodeName: string;
  readonly informers: InformerSet;
  /** The zone changed: all services must be looked at again. */
  onPlaceChange(): void;
  /** Another part of it changed: the fixed rules must be written again. */
  onSettingsChange(): void;
}

const zoneLabel = "topology.kubernetes.io/zone";

export class NodeView {
  readonly #nodeName: string;
  readonly #nodes: Informer<Node>;
  readonly #ranges: Informer<ServiceCIDR>;
  readonly #release: (() => void)[];

  constructor({ nodeName, informers, onPlaceChange, onSettingsChange }: NodeViewOptions) {
    this.#nodeName = nodeName;
    this.#nodes = informers.informer(resources.nodes, { fieldSelector: `metadata.name=${nodeName}` });
    this.#ranges = informers.informer(resources.serviceCIDRs);
    const placed = (node: Node, old?: Node) => {
      if (zoneOf(node) !== zoneOf(old)) onPlaceChange();
      if (addressesOf(node) !== addressesOf(old)) onSettingsChange();
    };
    this.#release = [
      this.#nodes.addHandler({ added: (node) => placed(node), updated: placed }),
      this.#ranges.addHandler({
        added: onSettingsChange,
        updated: (range, old) => {
          if (String(range.spec?.cidrs) !== String(old.spec?.cidrs)) onSettingsChange();
        },
        deleted: onSettingsChange,
      }),
    ];
  }

  async synced(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#nodes.synced(signal), this.#ranges.synced(signal)]);
  }

  get node(): Node | undefined {
    return this.#nodes.get({ name: this.#nodeName });
  }

  get place(): NodePlace {
    return { nodeName: this.#nodeName, zone: zoneOf(this.node) };
  }

  /** The node's own address in the family, as far as it is known. */
  addressIn(family: IPFamily): string | undefined {
    const addresses = this.node?.status?.addresses ?? [];
    for (const type of ["InternalIP", "ExternalIP"]) {
      const found = addresses.filter((each) => each.type === type).map(({ address }) => addressIn(family, address));
      const first = found.find((address) => address !== undefined);
      if (first !== undefined) return first;
    }
    return undefined;
  }

  serviceCIDRsIn(family: IPFamily): string[] {
    const all = this.#ranges.list().flatMap(({ spec }) => spec?.cidrs ?? []);
    return [...new Set(all)].filter((range) => familyOf(range) === family).sort();
  }

  stop(): void {
    for (const release of this.#release) release();
  }
}

function zoneOf(node: Node | undefined): string {
  return node?.metadata.labels?.[zoneLabel] ?? "";
}

function addressesOf(node: Node | undefined): string {
  return (node?.status?.addresses ?? []).map(({ address }) => address).join(" ");
}
