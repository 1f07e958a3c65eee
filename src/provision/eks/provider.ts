// The provider "eks": a control plane that Amazon runs, with node groups, made by OpenTofu. Network and settings are those of "aws".

import type { CloudInfrastructure } from "#config";
import { awsNetwork } from "../aws/network.ts";
import { awsCredentialsHint, awsPlugin, awsSettings } from "../aws/settings.ts";
import { type CloudInput, defineCloud } from "../tofu/cloud.ts";
import type { TofuDocument } from "../tofu/document.ts";
import { eksControlPlane } from "./control-plane.ts";
import { eksIdentity } from "./identity.ts";
import { eksNodes } from "./nodes.ts";
import { eksOutputs } from "./outputs.ts";

export type EksInput = CloudInput<Extract<CloudInfrastructure, { provider: "eks" }>>;

/** Nodes never have public addresses: they lie in private subnets, load balancers in public ones. */
function eksNetwork({ cluster, infrastructure }: EksInput): TofuDocument {
  const { region, zones, network } = infrastructure;
  return awsNetwork({ cluster, infrastructure: { region, zones, network: { cidr: network.cidr, private: true } } });
}

export const eks = defineCloud<EksInput["infrastructure"]>({
  name: "eks",
  title: "Amazon EKS",
  plugin: awsPlugin,
  credentialsHint: awsCredentialsHint,
  settings: awsSettings,
  parts: {
    network: eksNetwork,
    "control-plane": eksControlPlane,
    identity: eksIdentity,
    nodes: eksNodes,
    outputs: eksOutputs,
  },
});
