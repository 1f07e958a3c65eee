// From the plan of a service to its rules: elements of the shared maps for the plain case, chains of its own where clients stay
// with their endpoint, where outside traffic stays on the node, or where a load balancer's address is not for everybody. Pure.

import { containsIP, parseCIDRSloppy, parseIPSloppy } from "#kubernetes/api";
import { ElementCollector, type Elements } from "../nft/elements.ts";
import { familyOf, wordsOf } from "../nft/family.ts";
import {
  containers,
  endpointsOf,
  markForMasquerade,
  nodePortEndpointsOf,
  type Pick,
  type ProxySettings,
  pickChain,
  renderRanges,
} from "./fixed-rules.ts";
import { affinitySet, endpointChain, portChain } from "./names.ts";
import type { PortPlan, ServicePlan } from "./plan.ts";
import { isExternallyAccessible, nameOfPort, type ServicePort } from "./service-port.ts";
import { usesCluster, usesLocal } from "./topology.ts";

export interface ServiceRules {
  readonly elements: Elements;
  /** Elements that other services may want too. */
  readonly shared: Elements;
  /** The rules of each chain, by its name. */
  readonly chains: ReadonlyMap<string, readonly string[]>;
  /** The sets of clients that stay with an endpoint. */
  readonly affinitySets: ReadonlySet<string>;
  /** Which of the shared chains are needed. */
  readonly picks: ReadonlyMap<string, Pick>;
}

export const noRules: ServiceRules = {
  elements: new Map(),
  shared: new Map(),
  chains: new Map(),
  affinitySets: new Set(),
  picks: new Map(),
};

/** Whether this service has the frontend ("10.96.0.10 . tcp . 53"; of a node port "tcp . 30053"), or another one was first. */
export type OwnsFrontend = (frontend: string) => boolean;

export function renderService(plan: ServicePlan, settings: ProxySettings, owns: OwnsFrontend): ServiceRules {
  const rules: RulesInMaking = {
    own: new ElementCollector(),
    shared: new ElementCollector(),
    chains: new Map(),
    affinitySets: new Set(),
    picks: new Map(),
  };
  for (const port of plan.ports) new PortRenderer(port, settings, owns, rules).render();
  const { own, shared, chains, affinitySets, picks } = rules;
  return { elements: own.elements, shared: shared.elements, chains, affinitySets, picks };
}

/** Every frontend of the service. */
export function* frontendsOf({ ports }: ServicePlan): Generator<string> {
  for (const { port } of ports) {
    yield frontendOf(port, port.clusterIP);
    for (const address of outsideAddresses(port)) yield frontendOf(port, address);
    if (port.nodePort !== 0) yield nodePortOf(port);
  }
}

function frontendOf({ protocol, port }: ServicePort, address: string): string {
  return `${address} . ${protocol} . ${port}`;
}

function nodePortOf({ protocol, nodePort }: ServicePort): string {
  return `${protocol} . ${nodePort}`;
}

function outsideAddresses({ externalIPs, loadBalancerIPs }: ServicePort): Set<string> {
  return new Set([...externalIPs, ...loadBalancerIPs]);
}

interface RulesInMaking {
  readonly own: ElementCollector;
  readonly shared: ElementCollector;
  readonly chains: Map<string, readonly string[]>;
  readonly affinitySets: Set<string>;
  readonly picks: Map<string, Pick>;
}

class PortRenderer {
  readonly #plan: PortPlan;
  readonly #port: ServicePort;
  readonly #settings: ProxySettings;
  readonly #owns: OwnsFrontend;
  readonly #rules: RulesInMaking;
  readonly #ip: "ip" | "ip6";

  constructor(plan: PortPlan, settings: ProxySettings, owns: OwnsFrontend, rules: RulesInMaking) {
    this.#plan = plan;
    this.#port = plan.port;
    this.#settings = settings;
    this.#owns = owns;
    this.#rules = rules;
    this.#ip = wordsOf(settings.family).ip;
  }

  render(): void {
    this.#addChains();
    this.#addClusterIP();
    for (const target of this.#plan.onThisNode) this.#addHairpin(target);
    for (const address of outsideAddresses(this.#port)) this.#addOutsideAddress(address);
    this.#addNodePort();
    this.#addFirewall();
  }

  #addHairpin(target: string): void {
    const [address = "", port = ""] = target.split(" . ");
    this.#rules.shared.add(containers.hairpins, `${address} . ${address} . ${this.#port.protocol} . ${port}`);
  }

  #addClusterIP(): void {
    const { clusterIP, isInternalLocal, affinitySeconds } = this.#port;
    this.#rules.shared.add(containers.clusterIPs, clusterIP);
    const frontend = frontendOf(this.#port, clusterIP);
    if (!this.#owns(frontend)) return;
    const endpoints = isInternalLocal ? this.#plan.local : this.#plan.cluster;
    if (endpoints.length === 0) {
      this.#addNamed(containers.deadServices, frontend, this.#refusal());
    } else if (affinitySeconds > 0) {
      const chain = portChain(isInternalLocal ? "local" : "service", this.#port);
      this.#addNamed(containers.serviceIPs, frontend, `goto ${chain}`);
    } else {
      this.#addPlaces(clusterIP, endpoints);
      this.#addNamed(containers.serviceIPs, frontend, this.#goToPick("pick", endpoints.length));
    }
  }

  #addOutsideAddress(address: string): void {
    const frontend = frontendOf(this.#port, address);
    if (!this.#owns(frontend)) return;
    const { hasEndpoints, cluster } = this.#plan;
    if (hasEndpoints && this.#isPlain()) {
      this.#addPlaces(address, cluster);
      this.#addNamed(containers.serviceIPs, frontend, this.#goToPick("masquerade-pick", cluster.length));
    } else if (hasEndpoints) {
      this.#addNamed(containers.serviceIPs, frontend, `goto ${portChain("external", this.#port)}`);
    }
    if (!this.#hasOutsideEndpoints()) this.#addNamed(containers.deadServices, frontend, this.#refusal());
  }

  #addNodePort(): void {
    if (this.#port.nodePort === 0) return;
    const frontend = nodePortOf(this.#port);
    if (!this.#owns(frontend)) return;
    const { hasEndpoints, cluster } = this.#plan;
    if (hasEndpoints && this.#isPlain()) {
      this.#addPlaces(undefined, cluster);
      this.#addNamed(containers.nodePorts, frontend, this.#goToPick("nodeport-pick", cluster.length));
    } else if (hasEndpoints) {
      this.#addNamed(containers.nodePorts, frontend, `goto ${portChain("external", this.#port)}`);
    }
    if (!this.#hasOutsideEndpoints()) this.#addNamed(containers.deadNodePorts, frontend, this.#refusal());
  }

  #addFirewall(): void {
    const { loadBalancerIPs, loadBalancerSourceRanges } = this.#port;
    if (loadBalancerIPs.length === 0 || loadBalancerSourceRanges.length === 0) return;
    const chain = portChain("firewall", this.#port);
    // A node that may use the load balancer and has its address itself sends from that very address.
    const sources = this.#isNodeAllowed()
      ? [...loadBalancerSourceRanges, ...loadBalancerIPs]
      : loadBalancerSourceRanges;
    this.#rules.chains.set(chain, [`${this.#ip} saddr != ${renderRanges(sources)} drop`]);
    for (const address of loadBalancerIPs) {
      const frontend = frontendOf(this.#port, address);
      if (this.#owns(frontend)) this.#addNamed(containers.firewall, frontend, `goto ${chain}`);
    }
  }

  #isNodeAllowed(): boolean {
    const { nodeAddress } = this.#settings;
    if (nodeAddress === undefined) return false;
    return this.#port.loadBalancerSourceRanges.some((range) => isInRange(nodeAddress, range));
  }

  /** Chains of the port's own, where the shared ones cannot say what it wants. */
  #addChains(): void {
    const { cluster, local, hasEndpoints } = this.#plan;
    const isSticky = this.#port.affinitySeconds > 0;
    const isOutsideSpecial = !this.#isPlain() && isExternallyAccessible(this.#port);
    if (!isSticky && !isOutsideSpecial) return;
    if (cluster.length > 0 && usesCluster(this.#port)) this.#addChooser("service", cluster);
    if (local.length > 0 && usesLocal(this.#port)) this.#addChooser("local", local);
    if (hasEndpoints && isExternallyAccessible(this.#port)) this.#addExternalChain();
    if (isSticky) for (const target of new Set([...cluster, ...local])) this.#addEndpointChain(target);
  }

  #addChooser(kind: "service" | "local", targets: readonly string[]): void {
    const index = `numgen random mod ${targets.length}`;
    const rules: string[] = [];
    if (this.#port.affinitySeconds === 0) {
      const places = targets.map((target, place) => `${place} : ${target}`).join(", ");
      rules.push(`meta l4proto ${this.#port.protocol} dnat ${this.#ip} to ${index} map { ${places} }`);
    } else {
      const chains = targets.map((target) => endpointChain(this.#port, target));
      for (const [place, target] of targets.entries()) {
        rules.push(`${this.#ip} saddr @${affinitySet(this.#port, target)} goto ${chains[place]}`);
      }
      rules.push(`${index} vmap { ${chains.map((chain, place) => `${place} : goto ${chain}`).join(", ")} }`);
    }
    this.#rules.chains.set(portChain(kind, this.#port), rules);
  }

  #addEndpointChain(target: string): void {
    const set = affinitySet(this.#port, target);
    this.#rules.affinitySets.add(set);
    const [address = "", port = ""] = target.split(" . ");
    const destination = familyOf(address) === "IPv6" ? `[${address}]:${port}` : `${address}:${port}`;
    this.#rules.chains.set(endpointChain(this.#port, target), [
      `update @${set} { ${this.#ip} saddr timeout ${this.#port.affinitySeconds}s }`,
      `meta l4proto ${this.#port.protocol} dnat to ${destination}`,
    ]);
  }

  #addExternalChain(): void {
    const anyEndpoint = `goto ${portChain("service", this.#port)}`;
    const rules: string[] = [];
    if (!this.#port.isExternalLocal) rules.push(markForMasquerade, anyEndpoint);
    else {
      const { clusterCIDRs } = this.#settings;
      // Pods would have left the cluster and come back in through the load balancer: no policy is about them.
      if (clusterCIDRs.length > 0) rules.push(`${this.#ip} saddr ${renderRanges(clusterCIDRs)} ${anyEndpoint}`);
      rules.push(`fib saddr type local ${markForMasquerade}`, `fib saddr type local ${anyEndpoint}`);
      if (this.#plan.local.length > 0) rules.push(`goto ${portChain("local", this.#port)}`);
    }
    this.#rules.chains.set(portChain("external", this.#port), rules);
  }

  /** Whether traffic from outside needs nothing but any endpoint and masquerading. */
  #isPlain(): boolean {
    return this.#port.affinitySeconds === 0 && !this.#port.isExternalLocal;
  }

  #hasOutsideEndpoints(): boolean {
    return this.#port.isExternalLocal ? this.#plan.local.length > 0 : this.#plan.hasEndpoints;
  }

  /** Clients of a service without endpoints are told so; where there are some that a policy forbids, packets vanish. */
  #refusal(): string {
    return this.#plan.hasEndpoints ? "drop" : "goto reject-chain";
  }

  #goToPick(kind: Pick["kind"], count: number): string {
    const pick: Pick = { kind, protocol: this.#port.protocol, count };
    const chain = pickChain(pick);
    this.#rules.picks.set(chain, pick);
    return `goto ${chain}`;
  }

  /** The endpoints at an address; without one, at the node port. */
  #addPlaces(address: string | undefined, targets: readonly string[]): void {
    const { protocol, port, nodePort } = this.#port;
    const container = address === undefined ? nodePortEndpointsOf(protocol) : endpointsOf(protocol);
    const frontend = address === undefined ? nodePort : `${address} . ${port}`;
    const { own } = this.#rules;
    for (const [place, target] of targets.entries()) own.add(container, `${frontend} . ${place}`, { value: target });
  }

  #addNamed(container: string, key: string, verdict: string): void {
    this.#rules.own.add(container, key, { value: verdict, comment: nameOfPort(this.#port) });
  }
}

function isInRange(address: string, range: string): boolean {
  const parsed = parseCIDRSloppy(range)?.range;
  const ip = parseIPSloppy(address);
  return parsed !== undefined && ip !== undefined && containsIP(parsed, ip);
}
