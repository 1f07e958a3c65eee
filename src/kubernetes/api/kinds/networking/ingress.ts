// Ingress: which requests from outside go to which service, by host and path.

import { type FieldError, invalid } from "../../field-error.ts";
import type { Ingress, IngressRule } from "../../generated/types.ts";
import { parseIPSloppy } from "../../ip.ts";
import { validateIPForLegacyField, warnOfIP } from "../../ip-validation.ts";
import { checkDNS1123Subdomain } from "../../names.ts";
import { type Decoded, defineKind } from "../define-kind.ts";
import { reportInvalid } from "../report.ts";
import { noneCell } from "../table/cells.ts";
import { formatAge } from "../table/human-duration.ts";
import { ingressOptions, newIngress, validateIngressSpec } from "./validate-ingress-spec.ts";

type DecodedIngress = Decoded<Ingress, "spec" | "status">;

const classAnnotation = "kubernetes.io/ingress.class";
const addressPath = "status.loadBalancer.ingress";

export const ingress = defineKind<DecodedIngress>({
  group: "networking.k8s.io",
  version: "v1",
  kind: "Ingress",
  metadataChecks: ["update", "object"],
  prepareForCreate: (object) => {
    object.status = { loadBalancer: {} };
  },
  prepareForUpdate: (object, old) => {
    object.status = old.status;
  },
  prepareForStatusUpdate: (object, old) => {
    object.spec = old.spec;
  },
  validate,
  validateUpdate: ({ spec }, old) => validateIngressSpec(spec, ingressOptions(old.spec)),
  validateStatusUpdate,
  warnings: ({ metadata, spec }, old) => {
    const isDeprecated = metadata.annotations?.[classAnnotation] !== undefined && spec.ingressClassName === undefined;
    if (old || !isDeprecated) return [];
    return [`annotation "${classAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`];
  },
  statusWarnings: ({ status }) =>
    (status.loadBalancer?.ingress ?? []).flatMap(({ ip }, index) =>
      ip ? warnOfIP(`${addressPath}[${index}]`, ip) : [],
    ),
  tableCells: ({ metadata, spec, status }, now) => ({
    cells: [
      metadata.name,
      spec.ingressClassName ?? noneCell,
      formatHosts(spec.rules ?? []),
      formatAddresses(status),
      spec.tls?.length ? "80, 443" : "80",
      formatAge(metadata.creationTimestamp, now),
    ],
  }),
});

function validate({ metadata, spec }: DecodedIngress): FieldError[] {
  const errors = validateIngressSpec(spec, newIngress);
  const className = metadata.annotations?.[classAnnotation];
  if (className !== undefined && spec.ingressClassName !== undefined && className !== spec.ingressClassName) {
    const why = "must match `ingressClassName` when both are specified";
    errors.push(invalid(`annotations.${classAnnotation}`, className, why));
  }
  return errors;
}

function validateStatusUpdate({ status }: DecodedIngress, old: DecodedIngress): FieldError[] {
  const errors: FieldError[] = [];
  const known = (old.status.loadBalancer?.ingress ?? []).flatMap(({ ip }) => (ip ? [ip] : []));
  for (const [index, { ip, hostname }] of (status.loadBalancer?.ingress ?? []).entries()) {
    const path = `${addressPath}[${index}]`;
    if (ip) errors.push(...validateIPForLegacyField(`${path}.ip`, ip, known));
    if (!hostname) continue;
    reportInvalid(errors, `${path}.hostname`, hostname, checkDNS1123Subdomain(hostname));
    if (!parseIPSloppy(hostname)) continue;
    errors.push(invalid(`${path}.hostname`, hostname, "must be a DNS name, not an IP address"));
  }
  return errors;
}

const mostHosts = 3;

function formatHosts(rules: readonly IngressRule[]): string {
  const hosts: string[] = [];
  let isMore = false;
  for (const { host } of rules) {
    if (hosts.length === mostHosts) isMore = true;
    else if (host) hosts.push(host);
  }
  if (hosts.length === 0) return "*";
  return isMore ? `${hosts.join(",")} + ${rules.length - mostHosts} more...` : hosts.join(",");
}

/** The server always fills the wide form of tables, in which addresses are not cut. */
function formatAddresses({ loadBalancer }: DecodedIngress["status"]): string {
  const addresses = (loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) => ip || hostname || []);
  return [...new Set(addresses)].sort().join(",");
}
