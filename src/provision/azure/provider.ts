// The provider "azure": virtual machines of Azure, made by OpenTofu. What is made lies in the files beside this one.

import type { CloudInfrastructure } from "#config";
import { type CloudInput, defineCloud } from "../tofu/cloud.ts";
import { azureFirewall } from "./firewall.ts";
import { azureIdentity } from "./identity.ts";
import { azureLoadBalancer } from "./load-balancer.ts";
import { azureMachines, azureUser } from "./machine.ts";
import { azureNetwork } from "./network.ts";
import { azureOutputs } from "./outputs.ts";

export type AzureInput = CloudInput<Extract<CloudInfrastructure, { provider: "azure" }>>;

/** OpenTofu's provider for Azure, in the version that the files were checked against. */
export const azurePlugin = { name: "azurerm", source: "hashicorp/azurerm", version: "4.73.0" };
export const azureCredentialsHint =
  "Run `az login`, and set ARM_SUBSCRIPTION_ID or infrastructure.subscription; `az account show` shows who you are.";

export const azure = defineCloud<AzureInput["infrastructure"]>({
  name: "azure",
  title: "Azure",
  plugin: azurePlugin,
  credentialsHint: azureCredentialsHint,
  machine: {
    resource: "azurerm_linux_virtual_machine",
    user: azureUser,
    replacedFor: ["zone", "spot"],
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

/** The provider's settings; its features keep their defaults, so a group that holds what others made is not removed. */
export function azureSettings({
  infrastructure,
}: {
  readonly infrastructure: { readonly subscription?: string | undefined };
}) {
  const { subscription } = infrastructure;
  return { features: {}, ...(subscription !== undefined && { subscription_id: subscription }) };
}
