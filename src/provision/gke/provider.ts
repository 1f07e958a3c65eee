// The provider "gke": a control plane that Google runs, with node pools, made by OpenTofu. Settings are those of "gcp".

import type { CloudInfrastructure } from "#config";
import { googleCredentialsHint, googlePlugin, googleSettings } from "../gcp/settings.ts";
import { type CloudInput, defineCloud } from "../tofu/cloud.ts";
import { gkeControlPlane } from "./control-plane.ts";
import { gkeIdentity } from "./identity.ts";
import { gkeNetwork } from "./network.ts";
import { gkeNodes } from "./nodes.ts";
import { gkeOutputs } from "./outputs.ts";

export type GkeInput = CloudInput<Extract<CloudInfrastructure, { provider: "gke" }>>;

export const gke = defineCloud<GkeInput["infrastructure"]>({
  name: "gke",
  title: "Google Kubernetes Engine",
  plugin: googlePlugin,
  credentialsHint: googleCredentialsHint,
  settings: googleSettings,
  parts: {
    network: gkeNetwork,
    "control-plane": gkeControlPlane,
    identity: gkeIdentity,
    nodes: gkeNodes,
    outputs: gkeOutputs,
  },
});
