// What no single field of an inventory of hosts can tell: hosts that are there twice, pools that are not, too few of them.

import type { ClusterConfig } from "./cluster-config.ts";
import type { ConfigProblem } from "./config-problem.ts";
import { didYouMean } from "./did-you-mean.ts";
import type { SshHost } from "./infrastructure/ssh.ts";

export function checkHosts({ infrastructure, workers, controlPlane }: Partial<ClusterConfig>): ConfigProblem[] {
  if (infrastructure?.provider !== "ssh") return [];
  const { hosts } = infrastructure;
  const pools = workers?.map(({ name }) => name);
  const problems = [...checkTwice(hosts, infrastructure.port), ...(pools ? checkPoolNames(hosts, pools) : [])];
  // How many are needed can be told once it is clear which belong where.
  if (problems.length > 0 || !workers || !controlPlane) return problems;
  return checkCounts(hosts, workers, controlPlane.replicas);
}

function checkTwice(hosts: readonly SshHost[], usualPort = 22): ConfigProblem[] {
  const marks = (["address", "internalAddress", "name"] as const).map((field) => ({
    field,
    of: (host: SshHost) => (field === "address" ? `${host.address}:${host.port ?? usualPort}` : host[field]),
  }));
  return marks.flatMap(({ field, of }) =>
    hosts.flatMap((host, index): ConfigProblem[] => {
      const mark = of(host);
      const first = hosts.findIndex((other) => of(other) === mark);
      if (mark === undefined || first === index) return [];
      return [
        {
          path: ["infrastructure", "hosts", index, field],
          message: `"${host[field]}" is that of hosts[${first}] already`,
        },
      ];
    }),
  );
}

function checkPoolNames(hosts: readonly SshHost[], pools: readonly string[]): ConfigProblem[] {
  return hosts.flatMap(({ role, pool }, index): ConfigProblem[] => {
    const path = ["infrastructure", "hosts", index, "pool"];
    if (pool === undefined) return [];
    if (role === "control-plane") return [{ path, message: "must not be given for a control plane" }];
    if (pools.includes(pool)) return [];
    const guess = didYouMean(pool, pools);
    const hint = guess === undefined ? `; there are: ${pools.join(", ")}` : `, did you mean "${guess}"?`;
    return [{ path, message: `"${pool}" is not the name of a pool in workers${hint}` }];
  });
}

function checkCounts(hosts: readonly SshHost[], workers: ClusterConfig["workers"], replicas: number): ConfigProblem[] {
  const count = (fits: (host: SshHost) => boolean) => hosts.filter(fits).length;
  const controlPlanes = count(({ role }) => role === "control-plane");
  const problems: ConfigProblem[] = [];
  if (controlPlanes < replicas) {
    problems.push({
      path: ["infrastructure", "hosts"],
      message: `must hold ${replicas} with role control-plane (controlPlane.replicas), and ${controlPlanes === 0 ? "none has it" : `holds ${controlPlanes}`}`,
    });
  }
  let free = count(({ role, pool }) => role === "worker" && pool === undefined);
  for (const [index, pool] of workers.entries()) {
    const own = count((host) => host.role === "worker" && host.pool === pool.name);
    const lacking = Math.max(pool.count - own, 0);
    if (lacking > free) {
      problems.push({
        path: ["workers", index, "count"],
        message: `wants ${pool.count} hosts for pool ${pool.name}, and infrastructure.hosts has ${own + free}`,
      });
    }
    free = Math.max(free - lacking, 0);
  }
  return problems;
}
