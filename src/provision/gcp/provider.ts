// The provider "gcp": machines of Google Compute Engine, made by OpenTofu. What is made lies in the files beside this one.

import type { CloudInfrastructure } from "#config";
import { type CloudInput, defineCloud } from "../tofu/cloud.ts";
import { gcpFirewall } from "./firewall.ts";
import { gcpIdentity } from "./identity.ts";
import { gcpLoadBalancer } from "./load-balancer.ts";
import { gcpMachines } from "./machine.ts";
import { gcpNetwork } from "./network.ts";
import { gcpOutputs } from "./outputs.ts";

export type GcpInput = CloudInput<Extract<CloudInfrastructure, { provider: "gcp" }>>;

export const gcp = defineCloud<GcpInput["infrastructure"]>({
  name: "gcp",
  title: "Google Cloud",
  plugin: { name: "google", source: "hashicorp/google", version: "6.50.0" },
  credentialsHint:
    "Run `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS to the file of a service account's key.",
  machine: {
    resource: "google_compute_instance",
    user: "slipway",
    replacedFor: ["zone", "diskGB"],
  },
  settings: ({ cluster, infrastructure: { project, region } }) => ({
    project,
    region,
    default_labels: { "slipway-cluster": cluster },
  }),
  parts: {
    network: gcpNetwork,
    firewall: gcpFirewall,
    "load-balancer": gcpLoadBalancer,
    identity: gcpIdentity,
    machines: gcpMachines,
    outputs: gcpOutputs,
  },
});
