// The ports of a service: each with a name if there are several, no two of them the same.

import { child, duplicate, type FieldError, forbiddenField, item, required } from "../../../field-error.ts";
import type { ServicePort } from "../../../generated/types.ts";
import { checkDNS1123Label, checkPortNumber, checkQualifiedName } from "../../../names.ts";
import { reportInvalid } from "../../report.ts";
import { internalForm } from "../../values/internal-form.ts";
import { validateProtocol } from "../endpoints.ts";
import { validatePort } from "../pod-spec/validate-handlers.ts";

export function validatePorts(ports: readonly ServicePort[], path: string, errors: FieldError[]): void {
  const names = new Set<string>();
  for (const [index, port] of ports.entries()) {
    const portPath = item(path, index);
    if (port.name) {
      reportInvalid(errors, child(portPath, "name"), port.name, checkDNS1123Label(port.name));
      if (names.has(port.name)) errors.push(duplicate(child(portPath, "name"), port.name));
      names.add(port.name);
    } else if (ports.length > 1) {
      errors.push(required(child(portPath, "name")));
    }
    reportInvalid(errors, child(portPath, "port"), port.port, checkPortNumber(port.port));
    validateProtocol(port.protocol, child(portPath, "protocol"), errors);
    validatePort(port.targetPort ?? 0, child(portPath, "targetPort"), errors);
    if (port.appProtocol === undefined) continue;
    reportInvalid(errors, child(portPath, "appProtocol"), port.appProtocol, checkQualifiedName(port.appProtocol));
  }
}

/** What must hold of all ports together. */
export function validateDistinctPorts(
  ports: readonly ServicePort[],
  path: string,
  errors: FieldError[],
  { allowNodePorts }: { allowNodePorts: boolean },
): void {
  for (const [index, { nodePort }] of ports.entries()) {
    if (!nodePort || allowNodePorts) continue;
    const why = "may not be used when `type` is 'ClusterIP'";
    errors.push(forbiddenField(child(item(path, index), "nodePort"), why));
  }
  const nodePorts = new Set<string>();
  for (const [index, { protocol, nodePort }] of ports.entries()) {
    if (!nodePort) continue;
    const key = `${nodePort}/${protocol}`;
    if (nodePorts.has(key)) errors.push(duplicate(child(item(path, index), "nodePort"), nodePort));
    nodePorts.add(key);
  }
  const known = new Set<string>();
  for (const [index, { protocol, port }] of ports.entries()) {
    const key = `${port}/${protocol}`;
    if (known.has(key)) errors.push(duplicate(item(path, index), internalForm("ServicePort", { protocol, port })));
    known.add(key);
  }
}
