// What can be wrong with the spec of an Ingress: rules, backends, paths, TLS.

import { child, type FieldError, invalid, item, notSupported, required } from "../../field-error.ts";
import type {
  HTTPIngressPath,
  IngressBackend,
  IngressRule,
  IngressServiceBackend,
  IngressSpec,
  IngressTLS,
} from "../../generated/types.ts";
import { parseIPSloppy } from "../../ip.ts";
import {
  checkDNS1123Subdomain,
  checkDNSLabelName,
  checkDNSSubdomainName,
  checkPortName,
  checkPortNumber,
  checkWildcardDNS1123Subdomain,
} from "../../names.ts";
import { reportInvalid } from "../report.ts";
import { internalForm } from "../values/internal-form.ts";
import { validateObjectReference } from "./object-reference.ts";

/** What an old object may keep. */
export interface IngressOptions {
  readonly anySecretName: boolean;
  readonly anyWildcardRule: boolean;
}

export const newIngress: IngressOptions = { anySecretName: false, anyWildcardRule: false };

export function ingressOptions(old: IngressSpec): IngressOptions {
  return {
    anySecretName: (old.tls ?? []).some(({ secretName = "" }) => checkSecretName(secretName).length > 0),
    anyWildcardRule: (old.rules ?? []).some((rule) => rule.host?.includes("*") && validatePaths(rule, "").length > 0),
  };
}

export function validateIngressSpec(spec: IngressSpec, options: IngressOptions): FieldError[] {
  const errors: FieldError[] = [];
  const { rules = [], defaultBackend, tls = [], ingressClassName } = spec;
  if (rules.length === 0 && !defaultBackend) {
    const shown = internalForm("[]IngressRule", spec.rules) ?? undefined;
    errors.push(invalid("spec", shown, "either `defaultBackend` or `rules` must be specified"));
  }
  if (defaultBackend) validateBackend(defaultBackend, "spec.defaultBackend", errors);
  for (const [index, rule] of rules.entries()) validateRule(rule, item("spec.rules", index), errors, options);
  for (const [index, each] of tls.entries()) validateTLS(each, item("spec.tls", index), errors, options);
  if (ingressClassName !== undefined) {
    reportInvalid(errors, "spec.ingressClassName", ingressClassName, checkDNSSubdomainName(ingressClassName, false));
  }
  return errors;
}

function checkSecretName(name: string): string[] {
  return name === "" ? [] : checkDNSSubdomainName(name, false);
}

function checkHost(host: string): string[] {
  return host.includes("*") ? checkWildcardDNS1123Subdomain(host) : checkDNS1123Subdomain(host);
}

function validateTLS(
  { hosts, secretName = "" }: IngressTLS,
  path: string,
  errors: FieldError[],
  options: IngressOptions,
) {
  for (const [index, host] of (hosts ?? []).entries()) {
    reportInvalid(errors, item(child(path, "hosts"), index), host, checkHost(host));
  }
  if (!options.anySecretName) reportInvalid(errors, child(path, "secretName"), secretName, checkSecretName(secretName));
}

function validateRule(rule: IngressRule, path: string, errors: FieldError[], options: IngressOptions): void {
  const { host = "" } = rule;
  const hostPath = child(path, "host");
  if (host !== "") {
    if (parseIPSloppy(host)) errors.push(invalid(hostPath, host, "must be a DNS name, not an IP address"));
    reportInvalid(errors, hostPath, host, checkHost(host));
  }
  if (host.includes("*") && options.anyWildcardRule) return;
  errors.push(...validatePaths(rule, path));
}

function validatePaths({ http }: IngressRule, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!http) return errors;
  const pathsPath = child(path, "http", "paths");
  if (!http.paths?.length) errors.push(required(pathsPath));
  for (const [index, each] of (http.paths ?? []).entries()) validatePath(each, item(pathsPath, index), errors);
  return errors;
}

const pathTypes = ["Exact", "ImplementationSpecific", "Prefix"];
const badParts = ["//", "/./", "/../", "%2f", "%2F"];
const badEnds = ["/..", "/."];

function validatePath({ pathType, path = "", backend }: HTTPIngressPath, field: string, errors: FieldError[]): void {
  if (pathType === undefined || pathType === null) {
    errors.push(required(child(field, "pathType"), "pathType must be specified"));
    return;
  }
  const isFree = pathType === "ImplementationSpecific";
  if (!pathTypes.includes(pathType)) errors.push(notSupported(child(field, "pathType"), pathType, pathTypes));
  else if (!isFree || path !== "") validateURLPath(path, isFree, child(field, "path"), errors);
  validateBackend(backend, child(field, "backend"), errors);
}

function validateURLPath(path: string, isFree: boolean, field: string, errors: FieldError[]): void {
  if (!path.startsWith("/")) errors.push(invalid(field, path, "must be an absolute path"));
  if (isFree) return;
  for (const part of badParts) {
    if (path.includes(part)) errors.push(invalid(field, path, `must not contain '${part}'`));
  }
  for (const end of badEnds) {
    if (path.endsWith(end)) errors.push(invalid(field, path, `cannot end with '${end}'`));
  }
}

function validateBackend({ resource, service }: IngressBackend, path: string, errors: FieldError[]): void {
  if (resource && service) errors.push(invalid(path, "", "cannot set both resource and service backends"));
  else if (resource) validateObjectReference(resource, child(path, "resource"), errors);
  else if (service) validateService(service, path, errors);
  else errors.push(invalid(path, "", "resource or service backend is required"));
}

function validateService({ name, port }: IngressServiceBackend, path: string, errors: FieldError[]): void {
  const namePath = child(path, "service", "name");
  if (name === "") errors.push(required(namePath));
  else reportInvalid(errors, namePath, name, checkDNSLabelName(name, false));
  const { name: portName = "", number = 0 } = port ?? {};
  const portPath = child(path, "service", "port");
  if (portName !== "" && number !== 0) errors.push(invalid(path, "", "cannot set both port name & port number"));
  else if (portName !== "") reportInvalid(errors, child(portPath, "name"), portName, checkPortName(portName));
  else if (number !== 0) reportInvalid(errors, child(portPath, "number"), number, checkPortNumber(number));
  else errors.push(required(path, "port name or number is required"));
}
