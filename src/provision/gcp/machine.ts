// Machines on Google Cloud: one instance for each entry of local.machines.

import { byRole, document, machinesLocal } from "../tofu/cloud.ts";
import type { TofuDocument } from "../tofu/document.ts";
import { networkTags } from "./firewall.ts";
import type { GcpInput } from "./provider.ts";

/** Whom the key lets in. */
const sshUser = "slipway";

export function gcpMachines({ cluster, infrastructure, machines }: GcpInput): TofuDocument {
  const { image, network, region, sshPublicKey } = infrastructure;
  const tags = networkTags(cluster);
  const keys = sshPublicKey === undefined ? {} : { "ssh-keys": `${sshUser}:${sshPublicKey}` };
  return document("The machines, and what is made for each of them.", {
    locals: { machines: machinesLocal(machines), metadata: { "block-project-ssh-keys": "true", ...keys } },
    resource: {
      google_compute_instance: {
        machine: {
          for_each: "${local.machines}",
          name: "${each.key}",
          machine_type: "${each.value.type}",
          zone: `${region}-\${each.value.zone}`,
          boot_disk: {
            auto_delete: true,
            initialize_params: { image, size: "${each.value.disk_gb}", type: "pd-balanced" },
          },
          network_interface: {
            subnetwork: "${google_compute_subnetwork.machines.id}",
            // An empty one stands for a public address of its own.
            ...(!network.private && { access_config: [{}] }),
          },
          // Pods' addresses are not the machine's own.
          can_ip_forward: true,
          service_account: {
            email: byRole("google_service_account.control_plane.email", "google_service_account.worker.email"),
            scopes: ["cloud-platform"],
          },
          tags: byRole(`["${tags.machine}", "${tags.controlPlane}"]`, `["${tags.machine}"]`),
          labels: { "slipway-role": "${each.value.role}", "slipway-pool": "${each.value.pool}" },
          metadata: `\${merge(local.metadata, each.value.user_data == null ? {} : { "user-data" = file("\${path.module}/\${each.value.user_data}") })}`,
          shielded_instance_config: { enable_secure_boot: true, enable_vtpm: true, enable_integrity_monitoring: true },
          allow_stopping_for_update: true,
          ...(machines.some(({ spot }) => spot) && {
            dynamic: {
              scheduling: {
                for_each: `\${each.value.spot ? ["SPOT"] : []}`,
                content: {
                  provisioning_model: "${scheduling.value}",
                  preemptible: true,
                  automatic_restart: false,
                  instance_termination_action: "STOP",
                },
              },
            },
          }),
          // A newer image, or other user data, is for new machines.
          lifecycle: { ignore_changes: ["boot_disk[0].initialize_params[0].image", 'metadata["user-data"]'] },
        },
      },
    },
  });
}
