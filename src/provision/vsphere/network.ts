// The network on vSphere: one that is there already, with DHCP; and where in the inventory machines are put.

import { document } from "../tofu/cloud.ts";
import type { TofuBlock, TofuDocument } from "../tofu/document.ts";
import type { VsphereInput } from "./provider.ts";

/** A name in the files for the compute cluster of that place in the list: its own may have blanks. */
export function zoneName(zones: readonly string[], zone: string): string {
  return `zone_${zones.indexOf(zone) + 1}`;
}

export function vsphereNetwork({ cluster, infrastructure }: VsphereInput): TofuDocument {
  const { datacenter, datastore, network, zones, folder, resourcePool } = infrastructure;
  const inDatacenter = { datacenter_id: "${data.vsphere_datacenter.cluster.id}" };
  const eachZone = (make: (zone: string, name: string) => TofuBlock) =>
    Object.fromEntries(zones.map((zone) => [zoneName(zones, zone), make(zone, zoneName(zones, zone))]));
  const poolOf = (name: string) =>
    resourcePool === undefined
      ? `\${data.vsphere_compute_cluster.${name}.resource_pool_id}`
      : `\${data.vsphere_resource_pool.${name}.id}`;
  return document("What is there already: the network, the disks' store, the hosts; and a folder for the machines.", {
    locals: { resource_pools: Object.fromEntries(zones.map((zone) => [zone, poolOf(zoneName(zones, zone))])) },
    data: {
      vsphere_datacenter: { cluster: { name: datacenter } },
      vsphere_datastore: { disks: { name: datastore, ...inDatacenter } },
      vsphere_network: { machines: { name: network.name, ...inDatacenter } },
      vsphere_compute_cluster: eachZone((zone) => ({ name: zone, ...inDatacenter })),
      ...(resourcePool !== undefined && {
        vsphere_resource_pool: eachZone((zone) => ({ name: `${zone}/Resources/${resourcePool}`, ...inDatacenter })),
      }),
    },
    resource: {
      vsphere_folder: {
        cluster: { path: folder === undefined ? cluster : `${folder}/${cluster}`, type: "vm", ...inDatacenter },
      },
    },
  });
}
