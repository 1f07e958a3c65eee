// Answers a question about the cluster, by Kubernetes' DNS specification 1.1.0 and, where that leaves it open, as CoreDNS does.
// What is said of names outside of the cluster is left to others. Pure.

import { isIPv4, isIPv6 } from "node:net";
import { labelsOf } from "../wire/names.ts";
import { type Rcode, rcodes, recordTypes } from "../wire/numbers.ts";
import type { Question } from "../wire/read-query.ts";
import { type ClusterName, parseClusterName, type ServiceName } from "./cluster-name.ts";
import type { ClusterView } from "./cluster-view.ts";
import { findTargets, hostnameOf, isReady, type Target } from "./find-targets.ts";
import type { DnsRecord } from "./record.ts";
import { parseReverseName } from "./reverse-name.ts";

export interface Zone {
  /** The cluster's domain, "cluster.local". */
  readonly domain: string;
  /** How long records may be kept, in seconds. */
  readonly ttl: number;
  /** How long it may be kept that there is no such name, or no such record of it. */
  readonly negativeTtl: number;
  /** The service that answers here. */
  readonly nameServer: { readonly namespace: string; readonly name: string };
}

export type Answer =
  | {
      readonly kind: "answer";
      readonly rcode: Rcode;
      readonly answers: readonly DnsRecord[];
      readonly authorities?: readonly DnsRecord[];
      readonly additionals?: readonly DnsRecord[];
    }
  /** The name is another name for one outside, which must be asked for elsewhere. */
  | { readonly kind: "alias"; readonly answers: readonly DnsRecord[]; readonly target: string }
  /** The name is none of the cluster's. */
  | { readonly kind: "outside" };

const schemaVersion = "1.1.0";
const schemaTtl = 28_800;
/** Aliases of aliases that are followed. */
const mostAliases = 10;

export function answerQuestion(question: Question, zone: Zone, view: ClusterView): Answer {
  const domain = labelsOf(zone.domain);
  const below = labelsBelow(question.labels, domain);
  if (below !== undefined) return new ZoneAnswerer(zone, view).answer(question, below);
  const address = parseReverseName(question.labels);
  if (address === undefined) return { kind: "outside" };
  return answerReverse(question, address, { zone, view });
}

/** The labels left of the domain; undefined where the name does not lie in it. */
function labelsBelow(labels: readonly string[], domain: readonly string[]): readonly string[] | undefined {
  const count = labels.length - domain.length;
  return count >= 0 && domain.every((label, index) => label === labels[count + index])
    ? labels.slice(0, count)
    : undefined;
}

/** Addresses that are none of the cluster's are asked for elsewhere: of nodes, of the networks around. */
function answerReverse(
  { labels, type }: Question,
  address: string,
  { zone, view }: { zone: Zone; view: ClusterView },
): Answer {
  const names = namesAt(address, zone.domain, view);
  if (names.length === 0) return { kind: "outside" };
  if (type !== recordTypes.PTR) return negative(rcodes.NOERROR, { zone, view });
  const name = labels.join(".");
  const answers = names.map((target) => ({ name, ttl: zone.ttl, type: "PTR", target }) as const);
  return { kind: "answer", rcode: rcodes.NOERROR, answers };
}

function namesAt(address: string, domain: string, view: ClusterView): string[] {
  const [service] = view.servicesAt(address);
  if (service) return [`${service.metadata.name}.${service.metadata.namespace}.svc.${domain}`];
  const names = view.slicesAt(address).flatMap(({ metadata, endpoints = [] }) => {
    const owner = `${metadata.labels?.["kubernetes.io/service-name"]}.${metadata.namespace}.svc.${domain}`;
    const here = endpoints.filter((endpoint) => isReady(endpoint) && endpoint.addresses.includes(address));
    return here.map((endpoint) => `${hostnameOf(endpoint, address)}.${owner}`);
  });
  return [...new Set(names)];
}

function negative(rcode: Rcode, { zone, view }: { zone: Zone; view: ClusterView }): Answer {
  // What has not been heard of yet may exist.
  if (!view.isComplete) return { kind: "answer", rcode: rcodes.SERVFAIL, answers: [] };
  return { kind: "answer", rcode, answers: [], authorities: [startOfAuthority(zone, view)] };
}

function startOfAuthority({ domain, negativeTtl }: Zone, view: ClusterView): DnsRecord {
  return {
    name: domain,
    ttl: negativeTtl,
    type: "SOA",
    nameServer: `ns.dns.${domain}`,
    mailbox: `hostmaster.${domain}`,
    serial: view.serial,
    refresh: 7200,
    retry: 1800,
    expire: 86_400,
    minimum: negativeTtl,
  };
}

class ZoneAnswerer {
  readonly #zone: Zone;
  readonly #view: ClusterView;

  constructor(zone: Zone, view: ClusterView) {
    this.#zone = zone;
    this.#view = view;
  }

  answer(question: Question, below: readonly string[]): Answer {
    const name = parseClusterName(below);
    switch (name.kind) {
      case "apex":
        return this.#answerApex(question);
      case "version":
        return question.type === recordTypes.TXT ? this.#positive([this.#version(question)]) : this.#noData();
      case "nameServer":
        return this.#addresses(question, this.#nameServerTargets());
      case "branch":
        return this.#noData();
      case "namespace":
        return this.#view.hasNamespace(name.namespace) ? this.#noData() : this.#noName();
      case "pod":
        return this.#answerPod(question, name);
      case "service":
        return this.#answerService(question, name);
      case "unknown":
        return this.#noName();
    }
  }

  #answerApex({ type }: Question): Answer {
    if (type === recordTypes.SOA) return this.#positive([startOfAuthority(this.#zone, this.#view)]);
    if (type !== recordTypes.NS) return this.#noData();
    const { domain, ttl, nameServer } = this.#zone;
    const target = `${nameServer.name}.${nameServer.namespace}.svc.${domain}`;
    const addresses = this.#nameServerTargets().map((found) => this.#address(target, found));
    if (addresses.length === 0) return this.#noData();
    return { ...this.#positive([{ name: domain, ttl, type: "NS", target }]), additionals: addresses };
  }

  #nameServerTargets(): readonly Target[] {
    const { namespace, name: service } = this.#zone.nameServer;
    const found = findTargets({ kind: "service", namespace, service }, this.#view);
    return found.kind === "targets" ? unique(found.targets, ({ address }) => address) : [];
  }

  #version({ labels }: Question): DnsRecord {
    return { name: labels.join("."), ttl: schemaTtl, type: "TXT", text: schemaVersion };
  }

  /** Any address is answered, whether a pod has it or not, as long as there is the namespace. */
  #answerPod(question: Question, { namespace, pod }: Extract<ClusterName, { kind: "pod" }>): Answer {
    const dashes = pod.split("-").length - 1;
    const address = pod.replaceAll("-", dashes === 3 && !pod.includes("--") ? "." : ":");
    const isAddress = isIPv4(address) || isIPv6(address);
    if (!isAddress || !this.#view.hasNamespace(namespace)) return this.#noName();
    return this.#addresses(question, [{ address, port: undefined }]);
  }

  #answerService(question: Question, name: ServiceName): Answer {
    const found = findTargets(name, this.#view);
    if (found.kind === "nothing") return this.#noName();
    if (found.kind === "alias") return this.#followAlias(question, found.name);
    // The branch of a protocol holds nothing but the names of ports.
    if (name.protocol !== undefined && name.port === undefined) return this.#noData();
    if (question.type === recordTypes.SRV) return this.#servers(question, name, found.targets);
    return this.#addresses(question, found.targets);
  }

  #addresses({ labels, type }: Question, targets: readonly Target[]): Answer {
    const isWanted = type === recordTypes.A ? isIPv4 : type === recordTypes.AAAA ? isIPv6 : () => false;
    const wanted = unique(targets, ({ address }) => address).filter(({ address }) => isWanted(address));
    if (wanted.length === 0) return this.#noData();
    const name = labels.join(".");
    return this.#positive(wanted.map((target) => this.#address(name, target)));
  }

  #servers({ labels }: Question, { namespace, service }: ServiceName, targets: readonly Target[]): Answer {
    const owner = `${service}.${namespace}.svc.${this.#zone.domain}`;
    const name = labels.join(".");
    const { ttl } = this.#zone;
    const weight = Math.max(1, Math.floor(100 / targets.length));
    const named = targets
      .filter((target) => target.port !== undefined)
      .map((target) => ({ ...target, name: target.hostname === undefined ? owner : `${target.hostname}.${owner}` }));
    if (named.length === 0) return this.#noData();
    const servers = unique(named, (target) => `${target.name} ${target.port}`).map(
      ({ name: target, port }) => ({ name, ttl, type: "SRV", priority: 0, weight, port: port!, target }) as const,
    );
    const addressed = unique(named, (target) => `${target.name} ${target.address}`);
    return {
      ...this.#positive(servers),
      additionals: addressed.map((target) => this.#address(target.name, target)),
    };
  }

  #followAlias(question: Question, externalName: string): Answer {
    const { type } = question;
    // SRV of names elsewhere is not supported, as upstream.
    if (type === recordTypes.SRV) return this.#noData();
    const { ttl, domain } = this.#zone;
    const answers: DnsRecord[] = [];
    let { labels } = question;
    for (let alias = externalName; answers.length < mostAliases; ) {
      const target = labelsOf(alias);
      answers.push({ name: labels.join("."), ttl, type: "CNAME", target: target.join(".") });
      if (type !== recordTypes.A && type !== recordTypes.AAAA) return this.#positive(answers);
      const below = labelsBelow(target, labelsOf(domain));
      if (below === undefined) return { kind: "alias", answers, target: target.join(".") };
      const next = parseClusterName(below);
      const found = next.kind === "service" ? findTargets(next, this.#view) : undefined;
      if (found?.kind !== "alias") return this.#behind(answers, this.answer({ labels: target, type }, below));
      labels = target;
      alias = found.name;
    }
    return { kind: "answer", rcode: rcodes.SERVFAIL, answers: [] };
  }

  #behind(aliases: readonly DnsRecord[], last: Answer): Answer {
    return last.kind === "answer" ? { ...last, answers: [...aliases, ...last.answers] } : last;
  }

  #address(name: string, { address }: Target): DnsRecord {
    return { name, ttl: this.#zone.ttl, type: isIPv4(address) ? "A" : "AAAA", address };
  }

  #positive(answers: readonly DnsRecord[]): Answer & { kind: "answer" } {
    return { kind: "answer", rcode: rcodes.NOERROR, answers };
  }

  #noData(): Answer {
    return negative(rcodes.NOERROR, { zone: this.#zone, view: this.#view });
  }

  #noName(): Answer {
    return negative(rcodes.NXDOMAIN, { zone: this.#zone, view: this.#view });
  }
}

function unique<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [keyOf(item), item])).values()];
}
