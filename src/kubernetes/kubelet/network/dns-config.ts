// The resolv.conf of a pod: by its dnsPolicy from the cluster or the node, then its dnsConfig, within the resolver's limits.

import type { PodDNSConfig } from "#kubernetes/api";
import { type BoundPod, describePod } from "../pod/bound-pod.ts";

/** The three lines of a resolv.conf. */
export interface ResolverConfig {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

export interface DnsSettings {
  /** Addresses of the cluster's DNS. Empty: pods use the node's. */
  readonly clusterDns: readonly string[];
  /** "cluster.local"; "" for none. */
  readonly clusterDomain: string;
}

/** The pod's configuration, and warnings for its events (reason and message). */
export interface PodDns {
  readonly config: ResolverConfig;
  readonly warnings: readonly { readonly reason: string; readonly message: string }[];
}

const mostServers = 3;
const mostSearches = 32;
const longestSearch = 253;
const longestSearchLine = 2048;

/** `node` is what the node's own resolv.conf says. */
export function podDnsConfig(pod: BoundPod, node: ResolverConfig, settings: DnsSettings): PodDns {
  const warnings: { reason: string; message: string }[] = [];
  const base = baseConfig(pod, node, settings, (message) => warnings.push({ reason: "MissingClusterDNS", message }));
  const wanted = pod.spec.dnsConfig ? addPodConfig(base, pod.spec.dnsConfig) : base;
  const config = fitLimits(wanted, (message) => warnings.push({ reason: "DNSConfigForming", message }));
  return { config, warnings };
}

function baseConfig(
  pod: BoundPod,
  node: ResolverConfig,
  { clusterDns, clusterDomain }: DnsSettings,
  warn: (message: string) => void,
): ResolverConfig {
  const { dnsPolicy = "ClusterFirst", hostNetwork } = pod.spec;
  if (dnsPolicy === "None") return { servers: [], searches: [], options: [] };
  if (dnsPolicy === "Default" || (dnsPolicy === "ClusterFirst" && hostNetwork)) return node;
  if (clusterDns.length > 0) {
    const { namespace } = pod.metadata;
    const cluster =
      clusterDomain === "" ? [] : [`${namespace}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain];
    return { servers: clusterDns, searches: unique([...cluster, ...node.searches]), options: ["ndots:5"] };
  }
  warn(
    `pod: ${JSON.stringify(describePod(pod))}. kubelet does not have ClusterDNS IP configured and cannot create Pod using "ClusterFirst" policy. Falling back to "Default" policy.`,
  );
  return node;
}

function addPodConfig(base: ResolverConfig, extra: PodDNSConfig): ResolverConfig {
  const options = new Map(base.options.map((option) => [option.split(":")[0]!, option]));
  for (const { name = "", value } of extra.options ?? []) options.set(name, value ? `${name}:${value}` : name);
  return {
    servers: unique([...base.servers, ...(extra.nameservers ?? [])]),
    searches: unique([...base.searches, ...(extra.searches ?? [])]),
    options: [...options.values()],
  };
}

/** What C libraries read of a resolv.conf; the rest would be dropped without a word, so it is dropped with one. */
function fitLimits(config: ResolverConfig, warn: (message: string) => void): ResolverConfig {
  const servers = config.servers.slice(0, mostServers);
  if (servers.length < config.servers.length) {
    warn(
      `Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: ${servers.join(" ")}`,
    );
  }
  let searches = config.searches.slice(0, mostSearches).filter((search) => search.length <= longestSearch);
  while (searches.join(" ").length > longestSearchLine) searches = searches.slice(0, -1);
  if (searches.length < config.searches.length) {
    warn(
      `Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ${searches.join(" ")}`,
    );
  }
  return { servers, searches, options: config.options };
}

/** Reads a resolv.conf; the last search line counts, options add up. */
export function parseResolvConf(text: string): ResolverConfig {
  const servers: string[] = [];
  let searches: string[] = [];
  const options = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [word, ...values] = line.trim().split(/\s+/);
    if (word === "nameserver" && values[0]) servers.push(values[0]);
    if (word === "search") searches = values.filter((value) => value !== ".").map((value) => value.replace(/\.$/, ""));
    if (word === "options") for (const option of values) options.set(option.split(":")[0]!, option);
  }
  return { servers, searches, options: [...options.values()] };
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
