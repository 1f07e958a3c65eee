// What clouds that run the control plane have in common: pools of nodes as data, and a kubeconfig as an output.

import type { CloudInput, CloudPool } from "./cloud.ts";
import type { TofuBlock } from "./document.ts";

export interface KubeconfigParts {
  /** Expressions. */
  readonly server: string;
  /** Of the certificate authority, as base64. */
  readonly authority: string;
  /** The program that fetches a token each time, with its arguments. */
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Where to get the program. */
  readonly installHint: string;
}

/** The output "kubeconfig": no secrets, since who may do what is the cloud's to tell. */
export function kubeconfigOutput(cluster: string, parts: KubeconfigParts): TofuBlock {
  const name = `slipway-${cluster}`;
  const [command, ...args] = parts.command;
  const env = Object.entries(parts.environment ?? {}).map(([key, value]) => ({ name: key, value }));
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1",
    command,
    args,
    ...(env.length > 0 && { env }),
    installHint: parts.installHint,
    interactiveMode: "IfAvailable",
    provideClusterInfo: false,
  };
  return {
    value: {
      apiVersion: "v1",
      kind: "Config",
      "current-context": name,
      clusters: [{ name, cluster: { server: parts.server, "certificate-authority-data": parts.authority } }],
      contexts: [{ name, context: { cluster: name, user: name } }],
      users: [{ name, user: { exec } }],
    },
  };
}

/** The pools as data, which everything made once for each pool runs over. */
export function poolsLocal(
  { pools }: CloudInput,
  describe: (pool: CloudPool) => TofuBlock = () => ({}),
): Record<string, TofuBlock> {
  return Object.fromEntries(
    pools.map((pool) => {
      const { name, count, zones, type, diskGB, spot, labels } = pool;
      return [name, { count, zones, type, disk_gb: diskGB, spot, labels, ...describe(pool) }];
    }),
  );
}

/** Zones that share the count evenly, as many as there can be: clouds count nodes per zone. */
export function spreadEvenly({ count, zones }: CloudPool): {
  readonly zones: readonly string[];
  readonly each: number;
} {
  for (let number = zones.length; number > 1; number--) {
    if (count >= number && count % number === 0) return { zones: zones.slice(0, number), each: count / number };
  }
  return { zones: zones.slice(0, 1), each: count };
}
