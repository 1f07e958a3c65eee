// The three lists of containers of a pod: regular ones, those that run before them, and those added later to look inside.

import {
  child,
  duplicate,
  type FieldError,
  forbiddenField,
  invalid,
  item,
  notFoundField,
  required,
} from "../../../field-error.ts";
import type { Container, EphemeralContainer } from "../../../generated/types.ts";
import { isSidecar } from "../resources/pod-totals.ts";
import type { AnyContainer, PodCheck } from "./pod-check.ts";
import { validateContainer } from "./validate-container.ts";
import { validateLifecycle, validateProbe } from "./validate-handlers.ts";
import { validateInitRestartPolicy, validateRestartPolicy } from "./validate-restart-rules.ts";

export function validateContainers(path: string, check: PodCheck): void {
  const { errors } = check;
  const containers = check.spec.containers ?? [];
  if (containers.length === 0) errors.push(required(path));
  const names = new Set<string>();
  for (const [index, container] of containers.entries()) {
    const containerPath = item(path, index);
    validateContainer(container, containerPath, check);
    if (names.has(container.name)) errors.push(duplicate(`${containerPath}.name`, container.name));
    names.add(container.name);
    validateHandlers(container, containerPath, check);
    validateRestartPolicy(container, containerPath, errors);
  }
  reportHostPorts(containers, path, errors);
}

function validateHandlers(container: Container, path: string, { errors, spec }: PodCheck): void {
  const { lifecycle, livenessProbe, readinessProbe, startupProbe } = container;
  const gracePeriod = spec.terminationGracePeriodSeconds;
  if (lifecycle) validateLifecycle(lifecycle, child(path, "lifecycle"), errors, gracePeriod);
  const ending = { succeedsOnce: true, mayEnd: true };
  if (livenessProbe) validateProbe(livenessProbe, child(path, "livenessProbe"), errors, ending);
  const lasting = { succeedsOnce: false, mayEnd: false };
  if (readinessProbe) validateProbe(readinessProbe, child(path, "readinessProbe"), errors, lasting);
  if (startupProbe) validateProbe(startupProbe, child(path, "startupProbe"), errors, ending);
}

export function validateInitContainers(path: string, check: PodCheck): void {
  const { errors, spec } = check;
  const names = new Set((spec.containers ?? []).map(({ name }) => name));
  for (const [index, container] of (spec.initContainers ?? []).entries()) {
    const containerPath = item(path, index);
    validateContainer(container, containerPath, check);
    validateInitRestartPolicy(container, containerPath, errors);
    if (names.has(container.name)) errors.push(duplicate(`${containerPath}.name`, container.name));
    else if (container.name) names.add(container.name);
    // Upstream looks at one container at a time here, so its path says 0.
    reportHostPorts([container], path, errors);
    if (isSidecar(container)) validateHandlers(container, containerPath, check);
    else validatePlainInitContainer(container, containerPath, check);
  }
}

/** One that ends before the next starts has no use for what watches over a container that stays. */
function validatePlainInitContainer(container: Container, path: string, { errors, options }: PodCheck): void {
  for (const field of ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] as const) {
    if (!container[field]) continue;
    errors.push(forbiddenField(child(path, field), "may not be set for init containers without restartPolicy=Always"));
  }
  if (options.allowRestartOfInitContainers) return;
  for (const [index, { restartPolicy }] of (container.resizePolicy ?? []).entries()) {
    if (restartPolicy !== "RestartContainer") continue;
    const why = "must not be set to 'RestartContainer' for non-sidecar initContainers";
    errors.push(invalid(`${path}.resizePolicy[${index}].restartPolicy`, restartPolicy, why));
  }
}

/** No two containers may have the same port of the host. */
function reportHostPorts(containers: readonly Container[], path: string, errors: FieldError[]): void {
  const known = new Set<string>();
  for (const [index, { ports }] of containers.entries()) {
    for (const [place, { protocol, hostIP, hostPort }] of (ports ?? []).entries()) {
      if (!hostPort) continue;
      const port = `${protocol}/${hostIP ?? ""}/${hostPort}`;
      if (known.has(port)) errors.push(duplicate(`${path}[${index}].ports[${place}].hostPort`, port));
      known.add(port);
    }
  }
}

export function validateEphemeralContainers(path: string, check: PodCheck): void {
  const { errors, spec } = check;
  const others = new Set([...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(({ name }) => name));
  const names = new Set(others);
  for (const [index, container] of (spec.ephemeralContainers ?? []).entries()) {
    const containerPath = item(path, index);
    validateContainer(container, containerPath, check);
    validateImageText(container, containerPath, errors);
    if (names.has(container.name)) errors.push(duplicate(`${containerPath}.name`, container.name));
    names.add(container.name);
    const target = container.targetContainerName;
    if (target && !others.has(target)) errors.push(notFoundField(`${containerPath}.targetContainerName`, target));
    reportEphemeralFields(container, containerPath, errors);
  }
}

const forbiddenInEphemeral = [
  "ports",
  "resources",
  "resizePolicy",
  "restartPolicy",
  "restartPolicyRules",
  "livenessProbe",
  "readinessProbe",
  "startupProbe",
  "lifecycle",
] as const;

function reportEphemeralFields(container: EphemeralContainer, path: string, errors: FieldError[]): void {
  const why = "cannot be set for an Ephemeral Container";
  for (const field of forbiddenInEphemeral) {
    const isSet = field === "resources" ? hasResources(container) : container[field] !== undefined;
    if (isSet) errors.push(forbiddenField(child(path, field), why));
  }
  for (const [index, mount] of (container.volumeMounts ?? []).entries()) {
    for (const field of ["subPath", "subPathExpr"] as const) {
      if (mount[field]) errors.push(forbiddenField(`${path}.volumeMounts[${index}].${field}`, why));
    }
  }
}

/** Decoding writes the field in any case. */
function hasResources({ resources }: EphemeralContainer): boolean {
  return Object.keys(resources ?? {}).length > 0;
}

/** In templates a blank stands for an image that something else fills in; in pods it is a mistake. */
export function validateImageText({ image = "" }: AnyContainer, path: string, errors: FieldError[]): void {
  if (image.trim() === image) return;
  errors.push(invalid(child(path, "image"), image, "must not have leading or trailing whitespace"));
}
