// Files of a cluster that commands hand out.

import { existsSync } from "node:fs";
import { exitCodes, UserError } from "#shared";
import { type ExistingCluster, findCluster } from "./cluster.ts";
import type { CliContext } from "./context.ts";

/** The path of the admin's kubeconfig. Throws UserError while there is none. */
export function findKubeconfig(context: CliContext, name?: string): string {
  return kubeconfigOf(findCluster(context, name));
}

/** As findKubeconfig, of a cluster that is found already. */
export function kubeconfigOf(cluster: ExistingCluster): string {
  if (existsSync(cluster.paths.kubeconfig)) return cluster.paths.kubeconfig;
  throw new UserError(`Cannot read the kubeconfig of cluster ${cluster.name}: its control plane was never started`, {
    hints: [`Finish it with \`slipway up --name ${cluster.name}\`.`],
    exitCode: exitCodes.notFound,
  });
}
