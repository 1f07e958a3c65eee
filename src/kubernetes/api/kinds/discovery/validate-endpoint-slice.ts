// What can be wrong with an EndpointSlice.

import {
  child,
  duplicate,
  type FieldError,
  invalid,
  item,
  notSupported,
  required,
  tooMany,
} from "../../field-error.ts";
import type { DiscoveryV1EndpointPort, Endpoint, EndpointHints, EndpointSlice } from "../../generated/types.ts";
import { validateIP, validateIPForLegacyField } from "../../ip-validation.ts";
import { checkDNS1123Label, checkDNSSubdomainName, checkLabelValue, checkQualifiedName } from "../../names.ts";
import { schemaOf } from "../../types-table.ts";
import { validateReachableIP } from "../core/reachable-ip.ts";
import { validateLabels } from "../metadata/labels.ts";
import { immutableError, reportInvalid, reportUnsupported } from "../report.ts";
import { semanticEqual } from "../values/semantic-equal.ts";
import { validateDomainName } from "./domain-name.ts";

const mostEndpoints = 1000;
const mostAddresses = 100;
const mostPorts = 20_000;
const mostTopologyLabels = 16;
const mostHints = 8;
const addressTypes = ["FQDN", "IPv4", "IPv6"];
const protocols = ["SCTP", "TCP", "UDP"];

/** Endpoints that did not change are let pass. */
export function validateEndpointSlice(slice: EndpointSlice, old: EndpointSlice | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const { addressType, ports } = slice;
  if (addressType === "") errors.push(required("addressType"));
  else if (!addressTypes.includes(addressType)) errors.push(notSupported("addressType", addressType, addressTypes));
  validatePorts(ports ?? [], "ports", errors);
  const ofEndpoints: FieldError[] = [];
  validateEndpoints(slice, "endpoints", ofEndpoints);
  const isOld = ofEndpoints.length > 0 && old && haveSameEndpoints(slice, old);
  return isOld ? errors : [...errors, ...ofEndpoints];
}

export function validateEndpointSliceUpdate(slice: EndpointSlice, old: EndpointSlice): FieldError[] {
  const errors = validateEndpointSlice(slice, old);
  if (slice.addressType !== old.addressType) errors.push(invalid("addressType", slice.addressType, immutableError));
  return errors;
}

export function haveSameEndpoints({ endpoints }: EndpointSlice, old: EndpointSlice): boolean {
  const schema = schemaOf("io.k8s.api.discovery.v1.EndpointSlice");
  return semanticEqual(schema, { endpoints }, { endpoints: old.endpoints });
}

function validateEndpoints({ addressType, endpoints }: EndpointSlice, path: string, errors: FieldError[]): void {
  const list = endpoints ?? [];
  if (list.length > mostEndpoints) errors.push(tooMany(path, list.length, mostEndpoints));
  else for (const [index, each] of list.entries()) validateEndpoint(each, addressType, item(path, index), errors);
}

function validateEndpoint(endpoint: Endpoint, addressType: string, path: string, errors: FieldError[]): void {
  const { nodeName, hostname, hints, deprecatedTopology: topology = {} } = endpoint;
  validateAddresses(endpoint.addresses ?? [], addressType, child(path, "addresses"), errors);
  if (nodeName !== undefined) {
    reportInvalid(errors, child(path, "nodeName"), nodeName, checkDNSSubdomainName(nodeName, false));
  }
  const topologyPath = child(path, "deprecatedTopology");
  const labels = Object.keys(topology).length;
  if (labels > mostTopologyLabels) errors.push(tooMany(topologyPath, labels, mostTopologyLabels));
  validateLabels(topology, topologyPath, errors);
  if (hostname !== undefined) reportInvalid(errors, child(path, "hostname"), hostname, checkDNS1123Label(hostname));
  if (hints) validateHints(hints, child(path, "hints"), errors);
}

function validateAddresses(
  addresses: readonly string[],
  addressType: string,
  path: string,
  errors: FieldError[],
): void {
  if (addresses.length === 0) errors.push(required(path, "must contain at least 1 address"));
  else if (addresses.length > mostAddresses) errors.push(tooMany(path, addresses.length, mostAddresses));
  for (const [index, address] of addresses.entries()) {
    const field = item(path, index);
    if (addressType === "FQDN") validateDomainName(address, field, errors);
    else if (addressType === "IPv4" || addressType === "IPv6") {
      const problems = addressType === "IPv4" ? validateIPForLegacyField(field, address) : validateIP(field, address);
      errors.push(...problems);
      if (problems.length > 0) continue;
      const isOfType = address.includes(":") === (addressType === "IPv6");
      if (!isOfType) errors.push(invalid(path, address, `must be an ${addressType} address`));
      validateReachableIP(address, field, errors);
    }
  }
}

function validatePorts(ports: readonly DiscoveryV1EndpointPort[], path: string, errors: FieldError[]): void {
  if (ports.length > mostPorts) {
    errors.push(tooMany(path, ports.length, mostPorts));
    return;
  }
  const known = new Set<string>();
  for (const [index, { name = "", protocol, appProtocol }] of ports.entries()) {
    const portPath = item(path, index);
    const namePath = child(portPath, "name");
    if (name !== "") reportInvalid(errors, namePath, name, checkDNS1123Label(name));
    if (known.has(name)) errors.push(duplicate(namePath, name));
    known.add(name);
    reportUnsupported(errors, child(portPath, "protocol"), protocol, protocols);
    if (appProtocol === undefined) continue;
    reportInvalid(errors, child(portPath, "appProtocol"), appProtocol, checkQualifiedName(appProtocol));
  }
}

function validateHints({ forZones = [], forNodes = [] }: EndpointHints, path: string, errors: FieldError[]): void {
  const isComplete = validateNames(forZones, checkLabelValue, child(path, "forZones"), errors);
  if (isComplete) validateNames(forNodes, checkNodeName, child(path, "forNodes"), errors);
}

function checkNodeName(name: string): string[] {
  return checkDNSSubdomainName(name, false);
}

/** Answers whether there are few enough to be looked at. */
function validateNames(
  hints: readonly { readonly name: string }[],
  check: (name: string) => string[],
  path: string,
  errors: FieldError[],
): boolean {
  if (hints.length > mostHints) {
    errors.push(tooMany(path, hints.length, mostHints));
    return false;
  }
  const known = new Set<string>();
  for (const [index, { name }] of hints.entries()) {
    const field = child(item(path, index), "name");
    if (known.has(name)) errors.push(duplicate(field, name));
    known.add(name);
    reportInvalid(errors, field, name, check(name));
  }
  return true;
}
