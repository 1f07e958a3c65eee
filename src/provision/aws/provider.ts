// The provider "aws": machines of Amazon EC2, made by OpenTofu. What is made lies in the files beside this one.

import type { CloudInfrastructure } from "#config";
import { type CloudInput, defineCloud } from "../tofu/cloud.ts";
import { awsFirewall } from "./firewall.ts";
import { awsIdentity } from "./identity.ts";
import { awsLoadBalancer } from "./load-balancer.ts";
import { awsMachines } from "./machine.ts";
import { awsNetwork } from "./network.ts";
import { awsOutputs } from "./outputs.ts";
import { awsCredentialsHint, awsPlugin, awsSettings } from "./settings.ts";

export type AwsInput = CloudInput<Extract<CloudInfrastructure, { provider: "aws" }>>;

export const aws = defineCloud<AwsInput["infrastructure"]>({
  name: "aws",
  title: "AWS",
  plugin: awsPlugin,
  credentialsHint: awsCredentialsHint,
  machine: {
    resource: "aws_instance",
    user: "admin",
    replacedFor: ["zone", "spot"],
    userData: { limitBytes: 16_384, isPacked: true },
  },
  settings: awsSettings,
  parts: {
    network: awsNetwork,
    firewall: awsFirewall,
    "load-balancer": awsLoadBalancer,
    identity: awsIdentity,
    machines: awsMachines,
    outputs: awsOutputs,
  },
});
