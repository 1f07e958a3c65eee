// The provider "eks": a control plane that Amazon runs, with node groups, made by OpenTofu. Network and settings are those of "aws".

import type { CloudInfrastructure } from "#config";
import { awsNetwork } from "../aws/network.ts";
import { awsCredentialsHint, awsPlugin, awsSettings } from "../aws/settings.ts";
import { type CloudInput, defineCloud } from "../tofu/cloud.ts";
import { eksControlPlane } from "./control-plane.ts";
import { eksIdentity } from "./identity.ts";
import { eksNodes } from "./nodes.ts";
import { eksOutputs } from "./outputs.ts";

export type EksInput = CloudInput<Extract<CloudInfrastructure, { provider: "eks" }>>;

export const eks = defineCloud<EksInput["infrastructure"]>({
  name: "eks",
  title: "Amazon EKS",
  plugin: awsPlugin,
  credentialsHint: awsCredentialsHint,
  settings: awsSettings,
  parts: {
    network: awsNetwork,
    "control-plane": eksControlPlane,
    identity: eksIdentity,
    nodes: eksNodes,
    outputs: eksOutputs,
  },
});
