// What vSphere tells phase 2: the machines' addresses, and where the API answers if that is known before there are machines.

import { document } from "../tofu/cloud.ts";
import type { TofuDocument } from "../tofu/document.ts";
import type { VsphereInput } from "./provider.ts";

export function vsphereOutputs({ infrastructure, virtualAddress, apiPort }: VsphereInput): TofuDocument {
  const machine =
    '{ id = machine.id, zone = local.machines[name].zone, private_address = machine.default_ip_address, public_address = "" }';
  const endpoint = virtualAddress === undefined ? "" : `https://${virtualAddress}:${apiPort}`;
  return document("What the next phase needs: addresses of the machines and of the API.", {
    output: {
      machines: { value: `\${{ for name, machine in vsphere_virtual_machine.machine : name => ${machine} }}` },
      machine_cidr: { value: infrastructure.network.cidr },
      api_endpoint: { value: endpoint },
      machine_api_endpoint: { value: endpoint },
    },
  });
}
