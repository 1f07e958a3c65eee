// The provider "azure": virtual machines of Azure, made by OpenTofu. What is made lies in the files beside this one.

import type { CloudInfrastructure } from "#config";
import { type CloudInput, defineCloud } from "../tofu/cloud.ts";
import { azureFirewall } from "./firewall.ts";
import { azureIdentity } from "./identity.ts";
import { azureLoadBalancer } from "./load-balancer.ts";
import { azureMachines, azureUser } from "./machine.ts";
import { azureNetwork } from "./network.ts";
import { azureOutputs } from "./outputs.ts";
import { azureCredentialsHint, azurePlugin, azureSettings } from "./settings.ts";

export type AzureInput = CloudInput<Extract<CloudInfrastructure, { provider: "azure" }>>;

export const azure = defineCloud<AzureInput["infrastructure"]>({
  name: "azure",
  title: "Azure",
  plugin: azurePlugin,
  credentialsHint: azureCredentialsHint,
  machine: {
    resource: "azurerm_linux_virtual_machine",
    user: azureUser,
    replacedFor: ["zone", "spot"],
    userData: { limitBytes: 65_535 },
  },
  settings: azureSettings,
  parts: {
    network: azureNetwork,
    firewall: azureFirewall,
    "load-balancer": azureLoadBalancer,
    identity: azureIdentity,
    machines: azureMachines,
    outputs: azureOutputs,
  },
});
