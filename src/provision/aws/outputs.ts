// What AWS tells phase 2: the machines' addresses and where the API answers.

import { apiAccess, document } from "../tofu/cloud.ts";
import type { TofuDocument } from "../tofu/document.ts";
import type { AwsInput } from "./provider.ts";

export function awsOutputs({ infrastructure, apiPort }: AwsInput): TofuDocument {
  const kinds = apiAccess(infrastructure);
  const endpoint = (kind: string) => `https://\${aws_lb.api_${kind}.dns_name}:${apiPort}`;
  const machine =
    "{ id = machine.id, zone = machine.availability_zone, private_address = machine.private_ip, public_address = machine.public_ip }";
  return document("What the next phase needs: addresses of the machines and of the API.", {
    output: {
      machines: { value: `\${{ for name, machine in aws_instance.machine : name => ${machine} }}` },
      machine_cidr: { value: "${aws_vpc.cluster.cidr_block}" },
      api_endpoint: { value: endpoint(kinds[0]!) },
      machine_api_endpoint: { value: endpoint(kinds.at(-1)!) },
    },
  });
}
