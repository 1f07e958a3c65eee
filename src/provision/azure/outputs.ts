// What Azure tells phase 2: the machines' addresses and where the API answers.

import { apiAccess, document } from "../tofu/cloud.ts";
import type { TofuDocument } from "../tofu/document.ts";
import type { AzureInput } from "./provider.ts";

export function azureOutputs({ infrastructure, apiPort }: AzureInput): TofuDocument {
  const kinds = apiAccess(infrastructure);
  const address = {
    public: "azurerm_public_ip.api.ip_address",
    internal: "azurerm_lb.api_internal.frontend_ip_configuration[0].private_ip_address",
  };
  const endpoint = (kind: "public" | "internal") => `https://\${${address[kind]}}:${apiPort}`;
  const publicAddress = infrastructure.network.private ? '""' : "azurerm_public_ip.machine[name].ip_address";
  const machine = `{ id = machine.id, zone = machine.zone, private_address = machine.private_ip_address, public_address = ${publicAddress} }`;
  return document("What the next phase needs: addresses of the machines and of the API.", {
    output: {
      machines: { value: `\${{ for name, machine in azurerm_linux_virtual_machine.machine : name => ${machine} }}` },
      machine_cidr: { value: "${azurerm_subnet.machines.address_prefixes[0]}" },
      api_endpoint: { value: endpoint(kinds[0]!) },
      machine_api_endpoint: { value: endpoint(kinds.at(-1)!) },
    },
  });
}
