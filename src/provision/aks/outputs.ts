// What AKS tells the next phase: where the API answers and how one logs in.

import { document } from "../tofu/cloud.ts";
import type { TofuDocument } from "../tofu/document.ts";
import { kubeconfigOutput } from "../tofu/managed.ts";
import type { AksInput } from "./provider.ts";

/** The application that stands for all AKS API servers at Microsoft's identity service. */
const serverId = "6dae42f8-4368-4678-94ff-3960e28e3630";

export function aksOutputs({ cluster, infrastructure: { network } }: AksInput): TofuDocument {
  const config = "azurerm_kubernetes_cluster.cluster.kube_config[0]";
  const server = `https://\${azurerm_kubernetes_cluster.cluster.${network.private ? "private_fqdn" : "fqdn"}}:443`;
  return document("What the next phase needs: where the API answers and how one logs in.", {
    output: {
      machine_cidr: { value: "${azurerm_subnet.machines.address_prefixes[0]}" },
      api_endpoint: { value: server },
      kubeconfig: {
        ...kubeconfigOutput(cluster, {
          server,
          authority: `\${${config}.cluster_ca_certificate}`,
          command: ["kubelogin", "get-token", "--login", "azurecli", "--server-id", serverId],
          installHint: "Install it: az aks install-cli",
        }),
        // The cloud's answer is marked so as a whole, though what is taken of it is not secret.
        sensitive: true,
      },
    },
  });
}
