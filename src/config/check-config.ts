// Checks a configuration as a person wrote it and fills in the defaults. Each section is parsed by itself, so that a mistake in one
// hides none in another; then what no single field can tell is checked, over the sections that are right.

import { checkAddonConfigs } from "./addon-config.ts";
import { checkBootstrap } from "./bootstrap-config.ts";
import { checkCloud } from "./check-cloud.ts";
import { checkDistribution } from "./check-distribution.ts";
import { checkHosts } from "./check-hosts.ts";
import {
  type ClusterConfig,
  clusterConfigSchema,
  defaultPodCIDR,
  type Infrastructure,
  simulatedPodCIDR,
} from "./cluster-config.ts";
import type { ConfigProblem, FieldPath } from "./config-problem.ts";
import { sectionOf } from "./dependent-defaults.ts";
import { describeIssue, unknownField } from "./describe-issue.ts";
import { isCloudInfrastructure } from "./infrastructure/clouds.ts";
import { type Cidr, overlaps, parseCidr, parseIp, sizeOf } from "./network.ts";

export type CheckedConfig =
  | { readonly config: ClusterConfig }
  | { readonly config?: undefined; readonly problems: readonly ConfigProblem[] };

/** Local machines get their addresses from here. */
export const localMachinesCIDR = "10.90.0.0/16";

/** The configuration with its defaults, or everything that is wrong with it. */
export function checkConfig(raw: unknown): CheckedConfig {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) {
    return { problems: [{ path: [], message: "must be a mapping of fields, such as apiVersion, kind and name" }] };
  }
  const problems: ConfigProblem[] = [];
  const sections: Record<string, unknown> = {};
  const fields = clusterConfigSchema.shape;
  for (const [name, schema] of Object.entries(fields)) {
    const value = sectionOf(raw as Record<string, unknown>, name);
    const result = schema.safeParse(value);
    if (result.success) sections[name] = result.data;
    else
      problems.push(...result.error.issues.flatMap((issue) => describeIssue(issue, { value, schema, path: [name] })));
  }
  for (const name of Object.keys(raw)) {
    if (!(name in fields)) problems.push(unknownField([name], Object.keys(fields)));
  }
  problems.push(...checkAcrossFields(sections as Partial<ClusterConfig>));
  return problems.length > 0 ? { problems } : { config: sections as ClusterConfig };
}

/** Whether the cluster's nodes are simulated. */
export function isSimulatedCluster({ infrastructure }: Pick<ClusterConfig, "infrastructure">): boolean {
  return infrastructure.provider === "local" && infrastructure.simulated;
}

/** The same cluster with simulated nodes, as it would have been read had it asked for them. */
export function simulate(config: ClusterConfig): ClusterConfig {
  const { infrastructure, network } = config;
  const podCIDR = network.podCIDR === defaultPodCIDR ? simulatedPodCIDR : network.podCIDR;
  if (infrastructure.provider !== "local") throw new Error("Cannot simulate nodes: only local ones can be simulated");
  return { ...config, infrastructure: { ...infrastructure, simulated: true }, network: { ...network, podCIDR } };
}

function checkAcrossFields(config: Partial<ClusterConfig>): ConfigProblem[] {
  return [
    ...checkStages(config),
    ...checkPools(config),
    ...checkReplicas(config),
    ...checkRanges(config),
    ...checkRoom(config),
    ...checkCloud(config),
    ...checkHosts(config),
    ...checkBootstrap(config),
    ...checkDistribution(config),
    ...checkAddonConfigs(config.addons ?? []),
  ];
}

function checkStages({ infrastructure }: Partial<ClusterConfig>): ConfigProblem[] {
  if (infrastructure?.provider !== "local" || !infrastructure.stages || infrastructure.simulated) return [];
  return [{ path: ["infrastructure", "stages"], message: "must not be given where nodes are not simulated" }];
}

function checkPools({ workers = [] }: Partial<ClusterConfig>): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const first = new Map<string, number>();
  for (const [index, { name }] of workers.entries()) {
    const earlier = first.get(name);
    const path = ["workers", index, "name"];
    if (earlier !== undefined) problems.push({ path, message: `"${name}" is already the name of workers[${earlier}]` });
    if (name === "control-plane") problems.push({ path, message: '"control-plane" is the name of the control plane' });
    first.set(name, earlier ?? index);
  }
  return problems;
}

/** Whether the provider puts one before the API; others need to be told where it is reached. */
function hasLoadBalancer(infrastructure: Infrastructure): boolean {
  if (infrastructure.provider === "openstack") return infrastructure.loadBalancer !== "none";
  return isCloudInfrastructure(infrastructure) && infrastructure.provider !== "vsphere";
}

function checkReplicas({ controlPlane, infrastructure }: Partial<ClusterConfig>): ConfigProblem[] {
  if (!controlPlane || !infrastructure) return [];
  const { replicas, endpoint, virtualAddress } = controlPlane;
  const problem = (field: string, message: string) => ({ path: ["controlPlane", field], message });
  const isLocal = infrastructure.provider === "local";
  if (isLocal) {
    return [
      ...(replicas === 1 ? [] : [problem("replicas", "must be 1 with provider local: its API server is one process")]),
      ...(endpoint === undefined ? [] : [problem("endpoint", "must not be given with provider local")]),
      ...(virtualAddress === undefined ? [] : [problem("virtualAddress", "must not be given with provider local")]),
    ];
  }
  if (endpoint !== undefined && virtualAddress !== undefined && endpoint.split(":")[0] !== virtualAddress) {
    return [problem("virtualAddress", "must not be given beside an endpoint that is another address")];
  }
  if (replicas === 1 || endpoint !== undefined || virtualAddress !== undefined) return [];
  if (hasLoadBalancer(infrastructure)) return [];
  const ways =
    "a free address of the machines' network in controlPlane.virtualAddress, or your load balancer's in endpoint";
  return [problem("replicas", `must be 1 unless machines can reach the API at one address: name ${ways}`)];
}

/** Providers that give machines addresses on a bridge of this host. */
function isOnThisHost(infrastructure: Infrastructure): boolean {
  return infrastructure.provider === "nspawn" || (infrastructure.provider === "local" && !infrastructure.simulated);
}

interface NamedRange {
  readonly name: string;
  readonly path: FieldPath;
  readonly cidr: Cidr;
}

function checkRanges({ network, infrastructure }: Partial<ClusterConfig>): ConfigProblem[] {
  if (!network) return [];
  const named = (field: "podCIDR" | "serviceCIDR"): NamedRange => {
    return { name: `network.${field}`, path: ["network", field], cidr: parseCidr(network[field])! };
  };
  const [pods, services] = [named("podCIDR"), named("serviceCIDR")];
  const taken: NamedRange[] = [];
  if (infrastructure && isOnThisHost(infrastructure)) {
    taken.push({
      name: `${localMachinesCIDR}, where local machines lie`,
      path: [],
      cidr: parseCidr(localMachinesCIDR)!,
    });
  }
  if (infrastructure && isCloudInfrastructure(infrastructure)) {
    const name = "infrastructure.network.cidr";
    taken.push({ name, path: name.split("."), cidr: parseCidr(infrastructure.network.cidr)! });
  }
  const problems: ConfigProblem[] = [];
  for (const [range, others] of [
    [pods, taken],
    [services, [pods, ...taken]],
  ] as const) {
    for (const other of others.filter(({ cidr }) => overlaps(cidr, range.cidr))) {
      problems.push({ path: range.path, message: `must not overlap ${other.name}` });
    }
  }
  if (services.cidr.prefix > 28)
    problems.push({ path: services.path, message: "must hold 16 addresses or more (/28)" });
  if (parseIp(network.dnsDomain) !== undefined)
    problems.push({ path: ["network", "dnsDomain"], message: "must be a domain, not an address" });
  return problems;
}

function checkRoom({ network, workers, controlPlane }: Partial<ClusterConfig>): ConfigProblem[] {
  if (!network || !workers || !controlPlane) return [];
  const pods = parseCidr(network.podCIDR)!;
  const nodes = controlPlane.replicas + workers.reduce((sum, pool) => sum + pool.count, 0);
  const mask = network.nodeMaskSize ?? nodeMaskSizeFor(pods, nodes);
  if (mask < pods.prefix) {
    return [
      {
        path: ["network", "nodeMaskSize"],
        message: `must not be shorter than the prefix of network.podCIDR (/${pods.prefix})`,
      },
    ];
  }
  const room = sizeOf(pods) / 2 ** (32 - mask);
  if (room >= nodes) return [];
  return [
    {
      path: ["network", "podCIDR"],
      message: `has room for ${room} nodes with a /${mask} each, but ${nodes} are wanted`,
    },
  ];
}

/** The prefix length of a node's part of the pods' range: 24 where that leaves enough parts, else longer, at most 28. */
export function nodeMaskSizeFor(pods: Cidr, nodes: number): number {
  let mask = Math.max(24, pods.prefix);
  while (mask < 28 && 2 ** (mask - pods.prefix) < nodes) mask++;
  return mask;
}
