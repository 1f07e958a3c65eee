// Machines on OpenStack: one server, with its port and its volume, for each entry of local.machines.

import { byRole, document, machinesLocal } from "../tofu/cloud.ts";
import type { TofuBlock, TofuDocument } from "../tofu/document.ts";
import { openstackTags } from "./network.ts";
import type { OpenstackInput } from "./provider.ts";

export function openstackMachines(input: OpenstackInput): TofuDocument {
  const { cluster, infrastructure, machines, podCIDR, virtualAddress } = input;
  const { image, network, sshPublicKey, volumeType } = infrastructure;
  const tags = openstackTags(cluster);
  const groups = {
    machine: "openstack_networking_secgroup_v2.machines.id",
    controlPlane: "openstack_networking_secgroup_v2.control_plane.id",
  };
  // Machines of a role on hosts of their own, as far as there are enough.
  const apart = (role: string): TofuBlock => ({ name: `${cluster}-${role}`, policies: ["soft-anti-affinity"] });
  const foreign = [podCIDR, ...(virtualAddress === undefined ? [] : [virtualAddress])];
  return document("The machines, and what is made for each of them.", {
    locals: { machines: machinesLocal(machines) },
    data: { openstack_images_image_v2: { machines: { name: image, most_recent: true } } },
    resource: {
      ...(sshPublicKey !== undefined && {
        openstack_compute_keypair_v2: { cluster: { name: cluster, public_key: sshPublicKey } },
      }),
      openstack_compute_servergroup_v2: { control_plane: apart("control-plane"), worker: apart("worker") },
      openstack_networking_port_v2: {
        machine: {
          for_each: "${local.machines}",
          name: "${each.key}",
          network_id: "${openstack_networking_network_v2.cluster.id}",
          fixed_ip: [{ subnet_id: "${openstack_networking_subnet_v2.machines.id}" }],
          security_group_ids: byRole(`[${groups.machine}, ${groups.controlPlane}]`, `[${groups.machine}]`),
          // Pods' addresses are not the machine's own.
          allowed_address_pairs: foreign.map((address) => ({ ip_address: address })),
          tags,
        },
      },
      ...(!network.private && {
        openstack_networking_floatingip_v2: {
          machine: {
            for_each: "${local.machines}",
            pool: "${data.openstack_networking_network_v2.external.name}",
            port_id: "${openstack_networking_port_v2.machine[each.key].id}",
            tags,
            depends_on: ["openstack_networking_router_interface_v2.machines"],
          },
        },
      }),
      openstack_compute_instance_v2: {
        machine: {
          for_each: "${local.machines}",
          name: "${each.key}",
          flavor_name: "${each.value.type}",
          availability_zone: "${each.value.zone}",
          ...(sshPublicKey !== undefined && { key_pair: "${openstack_compute_keypair_v2.cluster.name}" }),
          network: [{ port: "${openstack_networking_port_v2.machine[each.key].id}" }],
          block_device: [
            {
              source_type: "image",
              uuid: "${data.openstack_images_image_v2.machines.id}",
              destination_type: "volume",
              volume_size: "${each.value.disk_gb}",
              ...(volumeType !== undefined && { volume_type: volumeType }),
              boot_index: 0,
              delete_on_termination: true,
            },
          ],
          scheduler_hints: [
            {
              group: byRole(
                "openstack_compute_servergroup_v2.control_plane.id",
                "openstack_compute_servergroup_v2.worker.id",
              ),
            },
          ],
          // Also read where the metadata service is not to be reached.
          config_drive: true,
          user_data: `\${each.value.user_data == null ? null : file("\${path.module}/\${each.value.user_data}")}`,
          metadata: { "slipway.dev/role": "${each.value.role}", "slipway.dev/pool": "${each.value.pool}" },
          tags,
          // A newer image, or other user data, is for new machines.
          lifecycle: { ignore_changes: ["block_device[0].uuid", "user_data"] },
        },
      },
    },
  });
}
