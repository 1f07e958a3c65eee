// The provider "gcp": machines of Google Compute Engine, made by OpenTofu. What is made lies in the files beside this one.

import type { CloudInfrastructure } from "#config";
import { type Cloud, type CloudInput, document, terraformBlock } from "../tofu/cloud.ts";
import { gcpFirewall } from "./firewall.ts";
import { gcpIdentity } from "./identity.ts";
import { gcpLoadBalancer } from "./load-balancer.ts";
import { gcpMachines } from "./machine.ts";
import { gcpNetwork } from "./network.ts";
import { gcpOutputs } from "./outputs.ts";

export type GcpInput = CloudInput<Extract<CloudInfrastructure, { provider: "gcp" }>>;

/** The provider's version that the files were checked against. */
const version = "6.50.0";

export const gcp: Cloud = {
  name: "gcp",
  credentialsHint:
    "Run `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS to the file of a service account's key.",
  files(input) {
    if (!isGcp(input)) throw new Error(`Cannot make files for gcp: the provider is ${input.infrastructure.provider}`);
    const { project, region } = input.infrastructure;
    return {
      "terraform.tf.json": document(
        `Cluster ${input.cluster} on Google Cloud, as slipway wrote it: versions, state, region.`,
        {
          terraform: terraformBlock("google", "hashicorp/google", version),
          provider: { google: { project, region, default_labels: { "slipway-cluster": input.cluster } } },
        },
      ),
      "network.tf.json": gcpNetwork(input),
      "firewall.tf.json": gcpFirewall(input),
      "load-balancer.tf.json": gcpLoadBalancer(input),
      "identity.tf.json": gcpIdentity(input),
      "machines.tf.json": gcpMachines(input),
      "outputs.tf.json": gcpOutputs(input),
    };
  },
};

function isGcp(input: CloudInput): input is GcpInput {
  return input.infrastructure.provider === "gcp";
}
