// Machines on vSphere: one clone of the template for each entry of local.machines. User data goes by guestinfo, cloud-init's VMware way.

import { document, machinesLocal } from "../tofu/cloud.ts";
import type { TofuDocument } from "../tofu/document.ts";
import { zoneName } from "./network.ts";
import type { VsphereInput } from "./provider.ts";

export function vsphereMachines({ cluster, infrastructure, machines }: VsphereInput): TofuDocument {
  const { template, sshPublicKey, zones } = infrastructure;
  const from = "data.vsphere_virtual_machine.template";
  const metadata = [
    '"instance-id" = each.key',
    '"local-hostname" = each.key',
    ...(sshPublicKey === undefined ? [] : [`"public-keys-data" = ${JSON.stringify(sshPublicKey)}`]),
  ].join(", ");
  const userData = `each.value.user_data == null ? {} : { "guestinfo.userdata" = base64gzip(file("\${path.module}/\${each.value.user_data}")), "guestinfo.userdata.encoding" = "gzip+base64" }`;
  const base = `"guestinfo.metadata" = base64encode(jsonencode({ ${metadata} })), "guestinfo.metadata.encoding" = "base64"`;
  const crowded = zones.filter((zone) => controlPlanesIn(machines, zone) > 1);
  return document("The machines, and what is made for each of them.", {
    locals: { machines: machinesLocal(machines) },
    data: {
      vsphere_virtual_machine: {
        template: { name: template, datacenter_id: "${data.vsphere_datacenter.cluster.id}" },
      },
    },
    resource: {
      vsphere_virtual_machine: {
        machine: {
          for_each: "${local.machines}",
          name: "${each.key}",
          folder: "${vsphere_folder.cluster.path}",
          resource_pool_id: "${local.resource_pools[each.value.zone]}",
          datastore_id: "${data.vsphere_datastore.disks.id}",
          num_cpus: "${each.value.cpus}",
          memory: "${each.value.memory_gb * 1024}",
          guest_id: `\${${from}.guest_id}`,
          firmware: `\${${from}.firmware}`,
          scsi_type: `\${${from}.scsi_type}`,
          // By it the disk driver finds its volumes.
          enable_disk_uuid: true,
          network_interface: [
            {
              network_id: "${data.vsphere_network.machines.id}",
              adapter_type: `\${${from}.network_interface_types[0]}`,
            },
          ],
          disk: [{ label: "system", size: "${each.value.disk_gb}", thin_provisioned: true }],
          clone: { template_uuid: `\${${from}.id}` },
          extra_config: `\${merge({ ${base} }, ${userData})}`,
          wait_for_guest_net_timeout: 10,
          annotation: `Cluster ${cluster}: \${each.value.role} \${each.value.pool}`,
          // A newer template, or other user data, is for new machines.
          lifecycle: { ignore_changes: ["clone", "extra_config", "guest_id", "firmware", "scsi_type"] },
        },
      },
      // On hosts of their own: a host that fails shall take one control plane with it, not two.
      ...(crowded.length > 0 && {
        vsphere_compute_cluster_vm_anti_affinity_rule: Object.fromEntries(
          crowded.map((zone) => [
            `control_plane_${zoneName(zones, zone)}`,
            {
              name: `${cluster}-control-plane`,
              compute_cluster_id: `\${data.vsphere_compute_cluster.${zoneName(zones, zone)}.id}`,
              virtual_machine_ids: `\${[for name, machine in local.machines : vsphere_virtual_machine.machine[name].id if machine.role == "control-plane" && machine.zone == ${JSON.stringify(zone)}]}`,
            },
          ]),
        ),
      }),
    },
  });
}

function controlPlanesIn(machines: VsphereInput["machines"], wanted: string): number {
  return machines.filter(({ role, zone }) => role === "control-plane" && zone === wanted).length;
}
