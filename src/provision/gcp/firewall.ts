// Who may reach what on Google Cloud: machines each other, health checks and people the API, people what they are let.

import { document } from "../tofu/cloud.ts";
import type { TofuBlock, TofuDocument } from "../tofu/document.ts";
import type { GcpInput } from "./provider.ts";

/** Where Google's health checks of passthrough load balancers come from. */
const healthCheckRanges = ["35.191.0.0/16", "130.211.0.0/22", "209.85.152.0/22", "209.85.204.0/22"];

/** The network tags of a cluster's machines, which rules are for. */
export function networkTags(cluster: string): { readonly machine: string; readonly controlPlane: string } {
  return { machine: cluster, controlPlane: `${cluster}-control-plane` };
}

export function gcpFirewall({ cluster, infrastructure, podCIDR, apiPort }: GcpInput): TofuDocument {
  const { access, network } = infrastructure;
  const tags = networkTags(cluster);
  const rule = (name: string, from: readonly string[], to: string, allow: readonly TofuBlock[]): TofuBlock => ({
    name: `${cluster}-${name}`,
    network: "${google_compute_network.cluster.id}",
    direction: "INGRESS",
    source_ranges: from,
    target_tags: [to],
    allow,
  });
  const api = [{ protocol: "tcp", ports: [`${apiPort}`] }];
  return document("Who may reach what: firewall rules, for machines by their network tags.", {
    resource: {
      google_compute_firewall: {
        machines: rule("machines", [network.cidr, podCIDR], tags.machine, [{ protocol: "all" }]),
        health_checks: rule("health-checks", healthCheckRanges, tags.controlPlane, api),
        // The load balancer passes packets through: they come with their sender's address.
        ...(access.api.length > 0 && { api: rule("api", access.api, tags.controlPlane, api) }),
        ...(access.ssh.length > 0 && {
          ssh: rule("ssh", access.ssh, tags.machine, [{ protocol: "tcp", ports: ["22"] }]),
        }),
      },
    },
  });
}
