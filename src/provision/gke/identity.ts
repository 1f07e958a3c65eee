// What nodes may do on GKE: what a node needs, and no more. Pods have identities of their own (workload identity).

import { document, fitName } from "../tofu/cloud.ts";
import type { TofuDocument } from "../tofu/document.ts";
import type { GkeInput } from "./provider.ts";

const nodeRoles = ["container.defaultNodeServiceAccount", "artifactregistry.reader"];
/** What Google takes for the name of an account. */
const longestAccount = 30;

export function gkeIdentity({ cluster, infrastructure: { project } }: GkeInput): TofuDocument {
  return document("What nodes may do.", {
    resource: {
      google_service_account: {
        nodes: { account_id: fitName(`${cluster}-nodes`, longestAccount), display_name: `Nodes of cluster ${cluster}` },
      },
      google_project_iam_member: Object.fromEntries(
        nodeRoles.map((role) => [
          `nodes_${role.split(".")[0]}`,
          { project, role: `roles/${role}`, member: "serviceAccount:${google_service_account.nodes.email}" },
        ]),
      ),
    },
  });
}
