// The provider "aks": a control plane that Microsoft runs, with node pools, made by OpenTofu. Settings are those of "azure".

import type { CloudInfrastructure } from "#config";
import { azureCredentialsHint, azurePlugin, azureSettings } from "../azure/settings.ts";
import { type CloudInput, defineCloud } from "../tofu/cloud.ts";
import { aksControlPlane } from "./control-plane.ts";
import { aksIdentity } from "./identity.ts";
import { aksNetwork } from "./network.ts";
import { aksNodes } from "./nodes.ts";
import { aksOutputs } from "./outputs.ts";

export type AksInput = CloudInput<Extract<CloudInfrastructure, { provider: "aks" }>>;

export const aks = defineCloud<AksInput["infrastructure"]>({
  name: "aks",
  title: "Azure Kubernetes Service",
  plugin: azurePlugin,
  credentialsHint: azureCredentialsHint,
  settings: azureSettings,
  parts: {
    network: aksNetwork,
    "control-plane": aksControlPlane,
    identity: aksIdentity,
    nodes: aksNodes,
    outputs: aksOutputs,
  },
});
