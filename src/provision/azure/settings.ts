// OpenTofu's provider for Azure and what it is told: the same for "azure" and "aks".

import type { TofuBlock } from "../tofu/document.ts";

/** In the version that the files were checked against. */
export const azurePlugin = { name: "azurerm", source: "hashicorp/azurerm", version: "4.73.0" };

export const azureCredentialsHint =
  "Run `az login`, and set ARM_SUBSCRIPTION_ID or infrastructure.subscription; `az account show` shows who you are.";

interface AzureCluster {
  readonly infrastructure: { readonly subscription?: string | undefined };
}

/** Its features keep their defaults, so a group that holds what others made is not removed. */
export function azureSettings({ infrastructure: { subscription } }: AzureCluster): TofuBlock {
  return { features: {}, ...(subscription !== undefined && { subscription_id: subscription }) };
}
