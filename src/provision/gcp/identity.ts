// What machines may do on Google Cloud: the control plane what cloud controllers and the CSI driver need, workers what a node needs.

import { document, fitName } from "../tofu/cloud.ts";
import type { TofuBlock, TofuDocument } from "../tofu/document.ts";
import type { GcpInput } from "./provider.ts";

/** For the cloud controller manager (routes, load balancers, firewall rules) and the persistent disks' CSI driver. */
const controlPlaneRoles = [
  "compute.instanceAdmin.v1",
  "compute.loadBalancerAdmin",
  "compute.networkAdmin",
  "compute.securityAdmin",
  "compute.storageAdmin",
  "iam.serviceAccountUser",
];
const nodeRoles = ["artifactregistry.reader", "logging.logWriter", "monitoring.metricWriter"];

/** What Google takes for the name of an account. */
const longestAccount = 30;

export function gcpIdentity({ cluster, infrastructure: { project } }: GcpInput): TofuDocument {
  const account = (role: string): TofuBlock => ({
    account_id: fitName(`${cluster}-${role}`, longestAccount),
    display_name: `Machines of cluster ${cluster}: ${role}`,
  });
  const member = (account: string, role: string): [string, TofuBlock] => [
    `${account}_${role.split(".").slice(0, 2).join("_").toLowerCase()}`,
    { project, role: `roles/${role}`, member: `serviceAccount:\${google_service_account.${account}.email}` },
  ];
  return document("What machines may do: cloud controllers and the disk driver run on control planes.", {
    resource: {
      google_service_account: { control_plane: account("control-plane"), worker: account("worker") },
      google_project_iam_member: Object.fromEntries([
        ...[...controlPlaneRoles, ...nodeRoles].map((role) => member("control_plane", role)),
        ...nodeRoles.map((role) => member("worker", role)),
      ]),
    },
  });
}
