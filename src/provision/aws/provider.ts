// The provider "aws": machines of Amazon EC2, made by OpenTofu. What is made lies in the files beside this one.

import type { CloudInfrastructure } from "#config";
import { type CloudInput, defineCloud } from "../tofu/cloud.ts";
import { awsFirewall } from "./firewall.ts";
import { awsIdentity } from "./identity.ts";
import { awsLoadBalancer } from "./load-balancer.ts";
import { awsMachines } from "./machine.ts";
import { awsNetwork } from "./network.ts";
import { awsOutputs } from "./outputs.ts";

export type AwsInput = CloudInput<Extract<CloudInfrastructure, { provider: "aws" }>>;

export const aws = defineCloud<AwsInput["infrastructure"]>({
  name: "aws",
  title: "AWS",
  plugin: { name: "aws", source: "hashicorp/aws", version: "6.45.0" },
  credentialsHint:
    "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; `aws sts get-caller-identity` shows who you are.",
  machine: {
    resource: "aws_instance",
    user: "admin",
    replacedFor: ["zone", "spot"],
  },
  settings: ({ cluster, infrastructure: { region } }) => ({
    region,
    default_tags: { tags: { "slipway.dev/cluster": cluster } },
  }),
  parts: {
    network: awsNetwork,
    firewall: awsFirewall,
    "load-balancer": awsLoadBalancer,
    identity: awsIdentity,
    machines: awsMachines,
    outputs: awsOutputs,
  },
});
