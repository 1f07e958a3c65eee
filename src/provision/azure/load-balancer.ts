// The API's load balancers on Azure: standard ones in front of all control plane machines. Behind the internal one a machine does not
// reach itself: control planes must ask their own API server.

import { apiAccess, controlPlaneMachines, document } from "../tofu/cloud.ts";
import type { TofuBlock, TofuDocument } from "../tofu/document.ts";
import { azureTags, inGroup } from "./network.ts";
import type { AzureInput } from "./provider.ts";

/** The name of each load balancer's only front end. */
const frontend = "api";

export function azureLoadBalancer({ cluster, infrastructure, apiPort }: AzureInput): TofuDocument {
  const tags = azureTags(cluster);
  const kinds = apiAccess(infrastructure);
  const each = (make: (kind: "public" | "internal") => TofuBlock) =>
    Object.fromEntries(kinds.map((kind) => [`api_${kind}`, make(kind)]));
  const place = (kind: "public" | "internal") =>
    kind === "public"
      ? { public_ip_address_id: "${azurerm_public_ip.api.id}" }
      : {
          subnet_id: "${azurerm_subnet.machines.id}",
          private_ip_address_allocation: "Dynamic",
          zones: infrastructure.zones,
        };
  const lb = (kind: string) => `\${azurerm_lb.api_${kind}.id}`;
  return document("What stands in front of the API.", {
    resource: {
      ...(kinds.includes("public") && {
        azurerm_public_ip: {
          api: {
            name: `${cluster}-api`,
            ...inGroup,
            allocation_method: "Static",
            sku: "Standard",
            zones: infrastructure.zones,
            tags,
          },
        },
      }),
      azurerm_lb: each((kind) => ({
        name: `${cluster}-api-${kind}`,
        ...inGroup,
        sku: "Standard",
        frontend_ip_configuration: [{ name: frontend, ...place(kind) }],
        tags,
      })),
      azurerm_lb_backend_address_pool: each((kind) => ({ name: "control-plane", loadbalancer_id: lb(kind) })),
      azurerm_lb_probe: each((kind) => ({
        name: "readyz",
        loadbalancer_id: lb(kind),
        protocol: "Https",
        port: apiPort,
        request_path: "/readyz",
        interval_in_seconds: 5,
        number_of_probes: 2,
      })),
      azurerm_lb_rule: each((kind) => ({
        name: "api",
        loadbalancer_id: lb(kind),
        protocol: "Tcp",
        frontend_port: apiPort,
        backend_port: apiPort,
        frontend_ip_configuration_name: frontend,
        backend_address_pool_ids: [`\${azurerm_lb_backend_address_pool.api_${kind}.id}`],
        probe_id: `\${azurerm_lb_probe.api_${kind}.id}`,
        // Watches are quiet for minutes.
        idle_timeout_in_minutes: 30,
        tcp_reset_enabled: true,
        disable_outbound_snat: true,
      })),
      azurerm_network_interface_backend_address_pool_association: each((kind) => ({
        for_each: controlPlaneMachines,
        network_interface_id: "${azurerm_network_interface.machine[each.key].id}",
        ip_configuration_name: "machine",
        backend_address_pool_id: `\${azurerm_lb_backend_address_pool.api_${kind}.id}`,
      })),
    },
  });
}
