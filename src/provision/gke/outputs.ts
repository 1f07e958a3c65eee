// What GKE tells the next phase: where the API answers and how one logs in.

import { document } from "../tofu/cloud.ts";
import type { TofuDocument } from "../tofu/document.ts";
import { kubeconfigOutput } from "../tofu/managed.ts";
import type { GkeInput } from "./provider.ts";

export function gkeOutputs({ cluster }: GkeInput): TofuDocument {
  const server = "https://${google_container_cluster.cluster.endpoint}";
  return document("What the next phase needs: where the API answers and how one logs in.", {
    output: {
      machine_cidr: { value: "${google_compute_subnetwork.machines.ip_cidr_range}" },
      api_endpoint: { value: server },
      kubeconfig: kubeconfigOutput(cluster, {
        server,
        authority: "${google_container_cluster.cluster.master_auth[0].cluster_ca_certificate}",
        command: ["gke-gcloud-auth-plugin"],
        installHint: "Install it: gcloud components install gke-gcloud-auth-plugin",
      }),
    },
  });
}
