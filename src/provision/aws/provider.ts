// The provider "aws": machines of Amazon EC2, made by OpenTofu. What is made lies in the files beside this one.

import type { CloudInfrastructure } from "#config";
import { type Cloud, type CloudInput, document, terraformBlock } from "../tofu/cloud.ts";
import { awsFirewall } from "./firewall.ts";
import { awsIdentity } from "./identity.ts";
import { awsLoadBalancer } from "./load-balancer.ts";
import { awsMachines } from "./machine.ts";
import { awsNetwork } from "./network.ts";
import { awsOutputs } from "./outputs.ts";

export type AwsInput = CloudInput<Extract<CloudInfrastructure, { provider: "aws" }>>;

/** The provider's version that the files were checked against. */
const version = "6.45.0";

export const aws: Cloud = {
  name: "aws",
  credentialsHint:
    "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; `aws sts get-caller-identity` shows who you are.",
  files(input) {
    if (!isAws(input)) throw new Error(`Cannot make files for aws: the provider is ${input.infrastructure.provider}`);
    return {
      "terraform.tf.json": document(`Cluster ${input.cluster} on AWS, as slipway wrote it: versions, state, region.`, {
        terraform: terraformBlock("aws", "hashicorp/aws", version),
        provider: {
          aws: {
            region: input.infrastructure.region,
            default_tags: { tags: { "slipway.dev/cluster": input.cluster } },
          },
        },
      }),
      "network.tf.json": awsNetwork(input),
      "firewall.tf.json": awsFirewall(input),
      "load-balancer.tf.json": awsLoadBalancer(input),
      "identity.tf.json": awsIdentity(input),
      "machines.tf.json": awsMachines(input),
      "outputs.tf.json": awsOutputs(input),
    };
  },
};

function isAws(input: CloudInput): input is AwsInput {
  return input.infrastructure.provider === "aws";
}
