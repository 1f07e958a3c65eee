// What containers of all three kinds have in common.

import { child, duplicate, type FieldError, invalid, item, notSupported, required } from "../../../field-error.ts";
import type { ContainerPort, ContainerResizePolicy } from "../../../generated/types.ts";
import { checkDNS1123Label, checkPortName, checkPortNumber } from "../../../names.ts";
import { reportInvalid } from "../../report.ts";
import { validateProtocol } from "../endpoints.ts";
import { validateContainerResourceName } from "../resources/validate-resource-name.ts";
import type { AnyContainer, PodCheck } from "./pod-check.ts";
import { validatePullPolicy } from "./pull-policy.ts";
import { validateEnvironment, validateEnvironmentFrom } from "./validate-environment.ts";
import { validateDevices, validateMounts } from "./validate-mounts.ts";
import { validateResources } from "./validate-resources.ts";
import { validateSecurityContext } from "./validate-security-context.ts";

const messagePolicies = ["File", "FallbackToLogsOnError"];

export function validateContainer(container: AnyContainer, path: string, check: PodCheck): void {
  const { errors, options, claimNames } = check;
  const { name, image, terminationMessagePolicy, resources } = container;
  if (!name) errors.push(required(`${path}.name`));
  else reportInvalid(errors, `${path}.name`, name, checkDNS1123Label(name));
  if (!image) errors.push(required(`${path}.image`));
  validateMessagePolicy(terminationMessagePolicy, `${path}.terminationMessagePolicy`, errors);
  if (container.ports) validatePorts(container.ports, `${path}.ports`, errors);
  if (container.env) validateEnvironment(container.env, `${path}.env`, errors);
  if (container.envFrom) validateEnvironmentFrom(container.envFrom, `${path}.envFrom`, errors);
  if (container.volumeMounts) validateMounts(container, `${path}.volumeMounts`, check);
  if (container.volumeDevices) validateDevices(container, `${path}.volumeDevices`, check);
  validatePullPolicy(container.imagePullPolicy, `${path}.imagePullPolicy`, errors);
  const { allowPartialHugePages } = options;
  const rules = { validateName: validateContainerResourceName, claimNames, allowPartialHugePages };
  if (resources) validateResources(resources, `${path}.resources`, errors, rules);
  if (container.resizePolicy) validateResizePolicy(container.resizePolicy, `${path}.resizePolicy`, check);
  if (container.securityContext) validateSecurityContext(container.securityContext, `${path}.securityContext`, check);
}

function validateMessagePolicy(policy: string | undefined, path: string, errors: FieldError[]): void {
  if (!policy) errors.push(required(path));
  else if (!messagePolicies.includes(policy)) errors.push(notSupported(path, policy, messagePolicies));
}

function validatePorts(ports: readonly ContainerPort[], path: string, errors: FieldError[]): void {
  const names = new Set<string>();
  for (const [index, port] of ports.entries()) {
    const portPath = item(path, index);
    const { name, containerPort, hostPort, protocol } = port;
    if (name) validatePortName(name, child(portPath, "name"), errors, names);
    if (!containerPort) errors.push(required(child(portPath, "containerPort")));
    else reportInvalid(errors, child(portPath, "containerPort"), containerPort, checkPortNumber(containerPort));
    if (hostPort) reportInvalid(errors, child(portPath, "hostPort"), hostPort, checkPortNumber(hostPort));
    validateProtocol(protocol, child(portPath, "protocol"), errors);
  }
}

function validatePortName(name: string, path: string, errors: FieldError[], names: Set<string>): void {
  const problems = checkPortName(name);
  reportInvalid(errors, path, name, problems);
  if (problems.length > 0) return;
  if (names.has(name)) errors.push(duplicate(path, name));
  names.add(name);
}

const resizableResources = ["cpu", "memory"];
const resizePolicies = ["NotRequired", "RestartContainer"];

/** Upstream names the list as the place of what is wrong in one of its items. */
function validateResizePolicy(policies: readonly ContainerResizePolicy[], path: string, check: PodCheck): void {
  const { errors, spec } = check;
  const known = new Set<string>();
  for (const [index, { resourceName, restartPolicy }] of policies.entries()) {
    if (known.has(resourceName)) errors.push(duplicate(item(path, index), resourceName));
    known.add(resourceName);
    requireOneOf(resourceName, resizableResources, path, errors);
    requireOneOf(restartPolicy, resizePolicies, path, errors);
    if (spec.restartPolicy === "Never" && restartPolicy !== "NotRequired") {
      errors.push(invalid(path, restartPolicy, "must be 'NotRequired' when pod `restartPolicy` is 'Never'"));
    }
  }
}

function requireOneOf(value: string, supported: readonly string[], path: string, errors: FieldError[]): void {
  if (!value) errors.push(required(path));
  else if (!supported.includes(value)) errors.push(notSupported(path, value, supported));
}
