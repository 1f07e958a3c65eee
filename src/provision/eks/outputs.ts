// What EKS tells the next phase: where the API answers and how one logs in.

import { document } from "../tofu/cloud.ts";
import type { TofuDocument } from "../tofu/document.ts";
import { kubeconfigOutput } from "../tofu/managed.ts";
import type { EksInput } from "./provider.ts";

export function eksOutputs({ cluster, infrastructure: { region } }: EksInput): TofuDocument {
  return document("What the next phase needs: where the API answers and how one logs in.", {
    output: {
      machine_cidr: { value: "${aws_vpc.cluster.cidr_block}" },
      api_endpoint: { value: "${aws_eks_cluster.cluster.endpoint}" },
      kubeconfig: kubeconfigOutput(cluster, {
        server: "${aws_eks_cluster.cluster.endpoint}",
        authority: "${aws_eks_cluster.cluster.certificate_authority[0].data}",
        command: ["aws", "eks", "get-token", "--cluster-name", cluster, "--region", region, "--output", "json"],
        installHint: "Install the AWS command line: https://aws.amazon.com/cli/",
      }),
    },
  });
}
