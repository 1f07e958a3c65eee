// OpenTofu's provider for Google Cloud and what it is told: the same for "gcp" and "gke".

import type { TofuBlock } from "../tofu/document.ts";

/** In the version that the files were checked against. */
export const googlePlugin = { name: "google", source: "hashicorp/google", version: "6.50.0" };

export const googleCredentialsHint =
  "Run `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS to the file of a service account's key.";

interface GoogleCluster {
  readonly cluster: string;
  readonly infrastructure: { readonly project: string; readonly region: string };
}

export function googleSettings({ cluster, infrastructure: { project, region } }: GoogleCluster): TofuBlock {
  return { project, region, default_labels: { "slipway-cluster": cluster } };
}
