// What Google Cloud tells phase 2: the machines' addresses and where the API answers.

import { apiAccess, document } from "../tofu/cloud.ts";
import type { TofuDocument } from "../tofu/document.ts";
import type { GcpInput } from "./provider.ts";

export function gcpOutputs({ infrastructure, apiPort }: GcpInput): TofuDocument {
  const kinds = apiAccess(infrastructure);
  const endpoint = (kind: string) => `https://\${google_compute_address.api_${kind}.address}:${apiPort}`;
  const first = "machine.network_interface[0]";
  const publicAddress = infrastructure.network.private ? '""' : `${first}.access_config[0].nat_ip`;
  const machine = `{ id = machine.id, zone = machine.zone, private_address = ${first}.network_ip, public_address = ${publicAddress} }`;
  return document("What the next phase needs: addresses of the machines and of the API.", {
    output: {
      machines: { value: `\${{ for name, machine in google_compute_instance.machine : name => ${machine} }}` },
      machine_cidr: { value: "${google_compute_subnetwork.machines.ip_cidr_range}" },
      api_endpoint: { value: endpoint(kinds[0]!) },
      machine_api_endpoint: { value: endpoint(kinds.at(-1)!) },
    },
  });
}
