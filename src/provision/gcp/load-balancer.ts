// The API's load balancers on Google Cloud: regional passthrough ones in front of all control plane machines.

import { apiAccess, document } from "../tofu/cloud.ts";
import type { TofuBlock, TofuDocument } from "../tofu/document.ts";
import type { GcpInput } from "./provider.ts";

export function gcpLoadBalancer({ cluster, infrastructure, apiPort }: GcpInput): TofuDocument {
  const { region, controlPlane } = infrastructure;
  const zones = controlPlane.zones ?? infrastructure.zones;
  const kinds = apiAccess(infrastructure);
  const each = (make: (kind: "public" | "internal") => TofuBlock) =>
    Object.fromEntries(kinds.map((kind) => [`api_${kind}`, make(kind)]));
  const scheme = (kind: "public" | "internal") => (kind === "public" ? "EXTERNAL" : "INTERNAL");
  const inside = {
    network: "${google_compute_network.cluster.id}",
    subnetwork: "${google_compute_subnetwork.machines.id}",
  };
  return document("What stands in front of the API.", {
    resource: {
      google_compute_instance_group: Object.fromEntries(
        zones.map((zone) => [`control_plane_${zone}`, groupOf(cluster, `${region}-${zone}`, zone)]),
      ),
      google_compute_region_health_check: {
        api: {
          name: `${cluster}-api`,
          region,
          check_interval_sec: 10,
          timeout_sec: 5,
          healthy_threshold: 2,
          unhealthy_threshold: 2,
          https_health_check: { port: apiPort, request_path: "/readyz" },
        },
      },
      google_compute_region_backend_service: each((kind) => ({
        name: `${cluster}-api-${kind}`,
        region,
        protocol: "TCP",
        load_balancing_scheme: scheme(kind),
        health_checks: ["${google_compute_region_health_check.api.id}"],
        backend: zones.map((zone) => ({
          group: `\${google_compute_instance_group.control_plane_${zone}.id}`,
          balancing_mode: "CONNECTION",
        })),
      })),
      google_compute_address: each((kind) => ({
        name: `${cluster}-api-${kind}`,
        region,
        address_type: scheme(kind),
        ...(kind === "internal" && { subnetwork: inside.subnetwork }),
      })),
      google_compute_forwarding_rule: each((kind) => ({
        name: `${cluster}-api-${kind}`,
        region,
        load_balancing_scheme: scheme(kind),
        ip_protocol: "TCP",
        ports: [`${apiPort}`],
        ip_address: `\${google_compute_address.api_${kind}.id}`,
        backend_service: `\${google_compute_region_backend_service.api_${kind}.id}`,
        ...(kind === "internal" && { ...inside, allow_global_access: true }),
      })),
    },
  });
}

/** The control plane machines of a zone; load balancers take machines as groups, and groups belong to a zone. */
function groupOf(cluster: string, zone: string, letter: string): TofuBlock {
  const machines = `[for name, machine in local.machines : google_compute_instance.machine[name].self_link if machine.role == "control-plane" && machine.zone == "${letter}"]`;
  return {
    name: `${cluster}-control-plane-${letter}`,
    zone,
    network: "${google_compute_network.cluster.id}",
    instances: `\${${machines}}`,
  };
}
