// What no single field of a cloud's infrastructure can tell: pools that are named and not there, zones that are not among the
// infrastructure's, names that the cloud does not take.

import type { ClusterConfig, WorkerPool } from "./cluster-config.ts";
import type { ConfigProblem, FieldPath } from "./config-problem.ts";
import { didYouMean } from "./did-you-mean.ts";
import { aksPoolName, aksRotationName } from "./infrastructure/aks.ts";
import { type CloudInfrastructure, isCloudInfrastructure, isManagedInfrastructure } from "./infrastructure/clouds.ts";

export function checkCloud({ name, infrastructure, workers, controlPlane }: Partial<ClusterConfig>): ConfigProblem[] {
  if (!infrastructure || !isCloudInfrastructure(infrastructure)) return [];
  const pools = workers?.map((pool) => pool.name);
  return [
    ...(pools ? checkPoolNames(infrastructure, pools) : []),
    ...checkZones(infrastructure),
    ...checkName(infrastructure, name),
    ...checkManaged(infrastructure, controlPlane),
    ...checkKey(infrastructure),
    ...(workers ? [...checkFirstPool(infrastructure, workers), ...checkAksNames(infrastructure, workers)] : []),
  ];
}

function checkPoolNames({ pools }: CloudInfrastructure, known: readonly string[]): ConfigProblem[] {
  const unknown = Object.keys(pools).filter((pool) => !known.includes(pool));
  return unknown.map((pool) => {
    const guess = didYouMean(pool, known);
    const hint = guess === undefined ? `; there are: ${known.join(", ")}` : `, did you mean "${guess}"?`;
    return { path: ["infrastructure", "pools", pool], message: `is not the name of a pool in workers${hint}` };
  });
}

function checkZones(infrastructure: CloudInfrastructure): ConfigProblem[] {
  const { zones, workers, pools } = infrastructure;
  const lists: [FieldPath, readonly string[] | undefined][] = [
    [["controlPlane"], "controlPlane" in infrastructure ? infrastructure.controlPlane.zones : undefined],
    [["workers"], workers.zones],
    ...Object.entries(pools).map(([pool, fields]): [FieldPath, string[] | undefined] => [
      ["pools", pool],
      fields.zones,
    ]),
  ];
  const missing = lists.flatMap(([path, wanted = []]) =>
    wanted.flatMap((zone, index): ConfigProblem[] => {
      if (zones.includes(zone)) return [];
      const message = `must be one of infrastructure.zones (${zones.join(", ")}), not "${zone}"`;
      return [{ path: ["infrastructure", ...path, "zones", index], message }];
    }),
  );
  const repeated = zones.flatMap((zone, index): ConfigProblem[] =>
    zones.indexOf(zone) === index
      ? []
      : [{ path: ["infrastructure", "zones", index], message: `"${zone}" is there twice` }],
  );
  return [...missing, ...repeated, ...checkZoneCount(infrastructure)];
}

function checkZoneCount({ provider, zones }: CloudInfrastructure): ConfigProblem[] {
  if (provider !== "eks" || zones.length > 1) return [];
  const message = "must be two or more with provider eks: its control plane lies in two";
  return [{ path: ["infrastructure", "zones"], message }];
}

function checkName({ provider }: CloudInfrastructure, name: string | undefined): ConfigProblem[] {
  if (name === undefined || /^[a-z]/.test(name)) return [];
  return [{ path: ["name"], message: `must start with a letter with provider ${provider}` }];
}

/** The control plane is not ours: what is said of it has nobody to listen. */
function checkManaged(
  infrastructure: CloudInfrastructure,
  controlPlane?: ClusterConfig["controlPlane"],
): ConfigProblem[] {
  if (!isManagedInfrastructure(infrastructure) || !controlPlane) return [];
  const { replicas, endpoint, virtualAddress, etcd } = controlPlane;
  const given = { endpoint, virtualAddress, etcd, ...(replicas !== 1 && { replicas }) };
  return Object.entries(given).flatMap(([field, value]) =>
    value === undefined
      ? []
      : [
          {
            path: ["controlPlane", field],
            message: `must not be given with provider ${infrastructure.provider}, which runs it`,
          },
        ],
  );
}

function checkKey(infrastructure: CloudInfrastructure): ConfigProblem[] {
  if (infrastructure.provider !== "azure" || infrastructure.sshPublicKey !== undefined) return [];
  const message = "is required with provider azure: it makes no machine that nobody can open";
  return [{ path: ["infrastructure", "sshPublicKey"], message }];
}

/** The control plane of AKS is made together with a pool, lives in it, and needs nodes there that take any pod. */
function checkFirstPool(infrastructure: CloudInfrastructure, workers: ClusterConfig["workers"]): ConfigProblem[] {
  if (infrastructure.provider !== "aks") return [];
  const { pools, workers: usual } = infrastructure;
  const isFit = ({ name, count, taints = [] }: WorkerPool) =>
    count > 0 && taints.length === 0 && !(pools[name]?.spot ?? usual.spot);
  if (workers.some(isFit)) return [];
  const message = "must have a pool of nodes without spot and without taints with provider aks, for its own pods";
  return [{ path: ["workers"], message }];
}

/** AKS takes short names, without '-'. */
function checkAksNames({ provider }: CloudInfrastructure, workers: ClusterConfig["workers"]): ConfigProblem[] {
  if (provider !== "aks") return [];
  const first = new Map([[aksRotationName, "the first pool while its machines change"]]);
  return workers.flatMap(({ name }, index): ConfigProblem[] => {
    const short = aksPoolName(name);
    const problem = (message: string) => [{ path: ["workers", index, "name"], message }];
    if (!/^[a-z]/.test(short)) return problem("must start with a letter with provider aks");
    const earlier = first.get(short);
    if (earlier !== undefined) return problem(`becomes "${short}" on AKS, as does ${earlier}`);
    first.set(short, `workers[${index}]`);
    return [];
  });
}
