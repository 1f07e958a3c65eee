// OpenTofu's provider for AWS and what it is told: the same for "aws" and "eks".

import type { TofuBlock } from "../tofu/document.ts";

/** In the version that the files were checked against. */
export const awsPlugin = { name: "aws", source: "hashicorp/aws", version: "6.45.0" };

export const awsCredentialsHint =
  "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; `aws sts get-caller-identity` shows who you are.";

interface AwsCluster {
  readonly cluster: string;
  readonly infrastructure: { readonly region: string };
}

export function awsSettings({ cluster, infrastructure: { region } }: AwsCluster): TofuBlock {
  return { region, default_tags: { tags: { "slipway.dev/cluster": cluster } } };
}
