// NetworkPolicy: who may talk to some pods, and whom they may talk to.

import { child, type FieldError, forbiddenField, invalid, item, notSupported, required } from "../../field-error.ts";
import type {
  IPBlock,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicySpec,
} from "../../generated/types.ts";
import { containsIP, parseCIDRSloppy } from "../../ip.ts";
import { validateCIDRForLegacyField, warnOfCIDR } from "../../ip-validation.ts";
import { checkPortName, checkPortNumber } from "../../names.ts";
import { formatLabelSelector } from "../../selectors/label-selector.ts";
import { type Decoded, defineKind } from "../define-kind.ts";
import { isInvalidLabelSelector, validateLabelSelector } from "../metadata/labels.ts";
import { reportInvalid, reportUnsupported } from "../report.ts";
import { formatAge } from "../table/human-duration.ts";

type DecodedNetworkPolicy = Decoded<NetworkPolicy, "spec">;

interface PolicyOptions {
  readonly allowInvalidValues: boolean;
  /** Ranges the old object had. */
  readonly knownCIDRs: readonly string[];
}

export const networkPolicy = defineKind<DecodedNetworkPolicy>({
  group: "networking.k8s.io",
  version: "v1",
  kind: "NetworkPolicy",
  setDefaults,
  validate: ({ spec }) => validateSpec(spec, { allowInvalidValues: false, knownCIDRs: [] }),
  validateUpdate: ({ spec }, old) =>
    validateSpec(spec, {
      allowInvalidValues: isInvalidLabelSelector(old.spec.podSelector),
      knownCIDRs: blocksOf(old.spec).flatMap(({ block }) => [block.cidr, ...(block.except ?? [])]),
    }),
  warnings: ({ spec }) =>
    blocksOf(spec).flatMap(({ block, path }) => [
      ...warnOfCIDR(child(path, "cidr"), block.cidr),
      ...(block.except ?? []).flatMap((cidr, index) => warnOfCIDR(item(child(path, "except"), index), cidr)),
    ]),
  tableCells: ({ metadata, spec }, now) => ({
    cells: [metadata.name, formatLabelSelector(spec.podSelector), formatAge(metadata.creationTimestamp, now)],
  }),
});

function setDefaults({ spec }: DecodedNetworkPolicy): void {
  if (!spec.policyTypes?.length) spec.policyTypes = spec.egress?.length ? ["Ingress", "Egress"] : ["Ingress"];
  for (const { ports } of rulesOf(spec)) for (const port of ports) port.protocol ??= "TCP";
}

interface Rule {
  readonly path: string;
  readonly ports: readonly NetworkPolicyPort[];
  readonly peers: readonly NetworkPolicyPeer[];
  readonly peersPath: string;
}

/** The rules of both directions. */
function rulesOf({ ingress = [], egress = [] }: NetworkPolicySpec): Rule[] {
  return [
    ...ingress.map(({ ports = [], from = [] }, index) => {
      const path = item("spec.ingress", index);
      return { path, ports, peers: from, peersPath: child(path, "from") };
    }),
    ...egress.map(({ ports = [], to = [] }, index) => {
      const path = item("spec.egress", index);
      return { path, ports, peers: to, peersPath: child(path, "to") };
    }),
  ];
}

function blocksOf(spec: NetworkPolicySpec): { block: IPBlock; path: string }[] {
  return rulesOf(spec).flatMap(({ peers, peersPath }) =>
    peers.flatMap(({ ipBlock }, index) =>
      ipBlock ? [{ block: ipBlock, path: child(item(peersPath, index), "ipBlock") }] : [],
    ),
  );
}

function validateSpec(spec: NetworkPolicySpec, options: PolicyOptions): FieldError[] {
  const errors: FieldError[] = [];
  validateLabelSelector(spec.podSelector, "spec.podSelector", errors, options);
  for (const { path, ports, peers, peersPath } of rulesOf(spec)) {
    for (const [index, port] of ports.entries()) validatePort(port, item(child(path, "ports"), index), errors);
    for (const [index, peer] of peers.entries()) validatePeer(peer, item(peersPath, index), errors, options);
  }
  const { policyTypes = [] } = spec;
  const known = ["Ingress", "Egress"];
  if (policyTypes.length > known.length) {
    errors.push(invalid("spec.policyTypes", policyTypes, "may not specify more than two policyTypes"));
    return errors;
  }
  for (const [index, type] of policyTypes.entries()) {
    if (!known.includes(type)) errors.push(notSupported(item("spec.policyTypes", index), type, known));
  }
  return errors;
}

function validatePort({ protocol, port, endPort }: NetworkPolicyPort, path: string, errors: FieldError[]): void {
  reportUnsupported(errors, child(path, "protocol"), protocol, ["TCP", "UDP", "SCTP"]);
  const [portPath, endPath] = [child(path, "port"), child(path, "endPort")];
  if (typeof port === "number") {
    reportInvalid(errors, portPath, port, checkPortNumber(port));
    if (endPort === undefined) return;
    // Upstream shows the first port here.
    if (endPort < port) errors.push(invalid(endPath, port, "must be greater than or equal to `port`"));
    reportInvalid(errors, endPath, endPort, checkPortNumber(endPort));
    return;
  }
  const why = port === undefined ? "`port` is not specified" : "`port` is non-numeric";
  if (endPort !== undefined) errors.push(invalid(endPath, endPort, `may not be specified when ${why}`));
  if (port !== undefined) reportInvalid(errors, portPath, port, checkPortName(port));
}

function validatePeer(peer: NetworkPolicyPeer, path: string, errors: FieldError[], options: PolicyOptions): void {
  const { podSelector, namespaceSelector, ipBlock } = peer;
  validateLabelSelector(podSelector, child(path, "podSelector"), errors, options);
  validateLabelSelector(namespaceSelector, child(path, "namespaceSelector"), errors, options);
  if (ipBlock) validateBlock(ipBlock, child(path, "ipBlock"), errors, options);
  if (!podSelector && !namespaceSelector && !ipBlock) errors.push(required(path, "must specify a peer"));
  else if (ipBlock && (podSelector || namespaceSelector)) {
    errors.push(forbiddenField(path, "may not specify both ipBlock and another peer"));
  }
}

function validateBlock(block: IPBlock, path: string, errors: FieldError[], { knownCIDRs }: PolicyOptions): void {
  const { cidr, except = [] } = block;
  if (cidr === "") {
    errors.push(required(child(path, "cidr")));
    return;
  }
  errors.push(...validateCIDRForLegacyField(child(path, "cidr"), cidr, knownCIDRs));
  const whole = parseCIDRSloppy(cidr);
  if (!whole) return;
  for (const [index, text] of except.entries()) {
    const exceptPath = item(child(path, "except"), index);
    errors.push(...validateCIDRForLegacyField(exceptPath, text, knownCIDRs));
    const part = parseCIDRSloppy(text);
    if (!part) continue;
    const { family, first, prefixLength } = part.range;
    if (containsIP(whole.range, { family, value: first }) && whole.range.prefixLength < prefixLength) continue;
    errors.push(invalid(exceptPath, text, "must be a strict subset of `cidr`"));
  }
}
