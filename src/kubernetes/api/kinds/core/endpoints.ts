// Endpoints: addresses with ports, each of which must be reachable from elsewhere. Superseded by EndpointSlices.

import { child, type FieldError, item, notSupported, required } from "../../field-error.ts";
import type { EndpointAddress, EndpointPort, EndpointSubset, Endpoints } from "../../generated/types.ts";
import { validateIPForLegacyField, warnOfIP } from "../../ip-validation.ts";
import { checkDNS1123Label, checkDNSSubdomainName, checkPortNumber, checkQualifiedName } from "../../names.ts";
import { defineKind } from "../define-kind.ts";
import { reportInvalid } from "../report.ts";
import { noneCell } from "../table/cells.ts";
import { formatAge } from "../table/human-duration.ts";
import { deepEqual } from "../values/semantic-equal.ts";
import { validateReachableIP } from "./reachable-ip.ts";

/** In the words' order of upstream's messages. */
export const portProtocols: readonly string[] = ["SCTP", "TCP", "UDP"];

const managedByLabel = "endpoints.kubernetes.io/managed-by";
const managingController = "endpoint-controller";
const mostShown = 3;

export const endpoints = defineKind<Endpoints>({
  group: "",
  version: "v1",
  kind: "Endpoints",
  metadataChecks: ["update", "object"],
  hasGeneration: false,
  setDefaults,
  validate,
  validateUpdate: (object, old) => (deepEqual(object.subsets, old.subsets) ? [] : validate(object)),
  warnings,
  allowCreateOnUpdate: true,
  tableCells: ({ metadata, subsets }, now) => ({
    cells: [metadata.name, formatEndpoints(subsets ?? []), formatAge(metadata.creationTimestamp, now)],
  }),
});

function setDefaults(object: Endpoints): void {
  for (const subset of object.subsets ?? []) {
    for (const port of subset.ports ?? []) port.protocol ||= "TCP";
  }
}

function validate(object: Endpoints): FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, subset] of (object.subsets ?? []).entries()) {
    validateSubset(subset, item("subsets", index), errors);
  }
  return errors;
}

function validateSubset(subset: EndpointSubset, path: string, errors: FieldError[]): void {
  const { addresses = [], notReadyAddresses = [], ports = [] } = subset;
  if (addresses.length === 0 && notReadyAddresses.length === 0) {
    errors.push(required(path, "must specify `addresses` or `notReadyAddresses`"));
  }
  for (const [index, address] of addresses.entries()) {
    validateAddress(address, item(child(path, "addresses"), index), errors);
  }
  for (const [index, address] of notReadyAddresses.entries()) {
    validateAddress(address, item(child(path, "notReadyAddresses"), index), errors);
  }
  for (const [index, port] of ports.entries()) {
    const portPath = item(child(path, "ports"), index);
    if (ports.length > 1 && !port.name) errors.push(required(child(portPath, "name")));
    validatePort(port, portPath, errors);
  }
}

function validateAddress(address: EndpointAddress, path: string, errors: FieldError[]): void {
  errors.push(...validateIPForLegacyField(child(path, "ip"), address.ip));
  if (address.hostname) {
    reportInvalid(errors, child(path, "hostname"), address.hostname, checkDNS1123Label(address.hostname));
  }
  if (address.nodeName !== undefined) {
    const problems = checkDNSSubdomainName(address.nodeName, false);
    reportInvalid(errors, child(path, "nodeName"), address.nodeName, problems);
  }
  validateReachableIP(address.ip, child(path, "ip"), errors);
}

function validatePort(port: EndpointPort, path: string, errors: FieldError[]): void {
  if (port.name) reportInvalid(errors, child(path, "name"), port.name, checkDNS1123Label(port.name));
  reportInvalid(errors, child(path, "port"), port.port, checkPortNumber(port.port));
  validateProtocol(port.protocol, child(path, "protocol"), errors);
  if (port.appProtocol !== undefined) {
    reportInvalid(errors, child(path, "appProtocol"), port.appProtocol, checkQualifiedName(port.appProtocol));
  }
}

/** The transport protocol of any port. */
export function validateProtocol(protocol: string | undefined, path: string, errors: FieldError[]): void {
  if (!protocol) errors.push(required(path));
  else if (!portProtocols.includes(protocol)) errors.push(notSupported(path, protocol, portProtocols));
}

function warnings({ metadata, subsets }: Endpoints): string[] {
  if (metadata.labels?.[managedByLabel] === managingController) return [];
  return (subsets ?? []).flatMap((subset, index) =>
    (["addresses", "notReadyAddresses"] as const).flatMap((list) =>
      (subset[list] ?? []).flatMap(({ ip }, place) => warnOfIP(`subsets[${index}].${list}[${place}].ip`, ip)),
    ),
  );
}

/** The first three as "ip:port", and how many more there are. */
function formatEndpoints(subsets: readonly EndpointSubset[]): string {
  if (subsets.length === 0) return noneCell;
  const all = subsets.flatMap(({ addresses = [], ports = [] }) =>
    ports.length === 0
      ? addresses.map(({ ip }) => ip)
      : ports.flatMap(({ port }) =>
          addresses.map(({ ip }) => (ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`)),
        ),
  );
  const shown = all.slice(0, mostShown).join(",");
  return all.length > mostShown ? `${shown} + ${all.length - mostShown} more...` : shown;
}
