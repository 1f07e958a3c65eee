// The provider "gcp": machines of Google Compute Engine, made by OpenTofu. What is made lies in the files beside this one.

import type { CloudInfrastructure } from "#config";
import { type CloudInput, defineCloud } from "../tofu/cloud.ts";
import { gcpFirewall } from "./firewall.ts";
import { gcpIdentity } from "./identity.ts";
import { gcpLoadBalancer } from "./load-balancer.ts";
import { gcpMachines } from "./machine.ts";
import { gcpNetwork } from "./network.ts";
import { gcpOutputs } from "./outputs.ts";
import { googleCredentialsHint, googlePlugin, googleSettings } from "./settings.ts";

export type GcpInput = CloudInput<Extract<CloudInfrastructure, { provider: "gcp" }>>;

export const gcp = defineCloud<GcpInput["infrastructure"]>({
  name: "gcp",
  title: "Google Cloud",
  plugin: googlePlugin,
  credentialsHint: googleCredentialsHint,
  machine: {
    resource: "google_compute_instance",
    user: "slipway",
    replacedFor: ["zone", "diskGB", "spot"],
    userData: { limitBytes: 262_144 },
  },
  settings: googleSettings,
  parts: {
    network: gcpNetwork,
    firewall: gcpFirewall,
    "load-balancer": gcpLoadBalancer,
    identity: gcpIdentity,
    machines: gcpMachines,
    outputs: gcpOutputs,
  },
});
