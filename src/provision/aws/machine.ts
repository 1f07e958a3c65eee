// Machines on AWS: one instance for each entry of local.machines.

import { byRole, document, machinesLocal } from "../tofu/cloud.ts";
import type { TofuDocument } from "../tofu/document.ts";
import type { AwsInput } from "./provider.ts";

/** Debian's own account. */
const debianOwner = "136693071363";

export function awsMachines({ cluster, infrastructure, machines }: AwsInput): TofuDocument {
  const { image, network, sshPublicKey } = infrastructure;
  const debian = {
    owners: [debianOwner],
    most_recent: true,
    filter: [{ name: "name", values: ["debian-12-amd64-*"] }],
  };
  return document("The machines, and what is made for each of them.", {
    locals: { machines: machinesLocal(machines) },
    ...(image === undefined && { data: { aws_ami: { debian } } }),
    resource: {
      ...(sshPublicKey !== undefined && {
        aws_key_pair: { cluster: { key_name: cluster, public_key: sshPublicKey } },
      }),
      aws_instance: {
        machine: {
          for_each: "${local.machines}",
          ami: image ?? "${data.aws_ami.debian.id}",
          instance_type: "${each.value.type}",
          subnet_id: "${local.subnets[each.value.zone]}",
          associate_public_ip_address: !network.private,
          vpc_security_group_ids: ["${aws_security_group.machines.id}"],
          iam_instance_profile: byRole(
            "aws_iam_instance_profile.control_plane.name",
            "aws_iam_instance_profile.worker.name",
          ),
          ...(sshPublicKey !== undefined && { key_name: "${aws_key_pair.cluster.key_name}" }),
          // Packed, since AWS takes 16 KB; cloud-init unpacks it.
          user_data_base64: `\${each.value.user_data == null ? null : base64gzip(file("\${path.module}/\${each.value.user_data}"))}`,
          user_data_replace_on_change: false,
          // Pods' addresses are not the machine's own.
          source_dest_check: false,
          root_block_device: {
            volume_size: "${each.value.disk_gb}",
            volume_type: "gp3",
            encrypted: true,
            delete_on_termination: true,
          },
          // The second hop lets pods of cloud controllers and the disk driver ask who they are; workers' pods cannot.
          metadata_options: {
            http_endpoint: "enabled",
            http_tokens: "required",
            http_put_response_hop_limit: byRole("2", "1"),
          },
          ...(machines.some(({ spot }) => spot) && {
            dynamic: {
              instance_market_options: {
                for_each: `\${each.value.spot ? ["spot"] : []}`,
                content: { market_type: "${instance_market_options.value}" },
              },
            },
          }),
          tags: {
            Name: "${each.key}",
            [`kubernetes.io/cluster/${cluster}`]: "owned",
            "slipway.dev/role": "${each.value.role}",
            "slipway.dev/pool": "${each.value.pool}",
          },
          // A newer image, or other user data, is for new machines.
          lifecycle: { ignore_changes: ["ami", "user_data_base64"] },
        },
      },
    },
  });
}
