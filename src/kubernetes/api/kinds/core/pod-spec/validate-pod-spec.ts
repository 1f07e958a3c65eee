// Everything that can be wrong with the spec of a pod, in upstream's order; and with the template of one.

import {
  child,
  duplicate,
  type FieldError,
  forbiddenField,
  invalid,
  item,
  notFoundField,
  notSupported,
  required,
} from "../../../field-error.ts";
import type { ObjectMeta, PodSpec, PodTemplateSpec } from "../../../generated/types.ts";
import { checkDNSSubdomainName, checkQualifiedName } from "../../../names.ts";
import { validateAnnotations } from "../../metadata/annotations.ts";
import { validateLabels } from "../../metadata/labels.ts";
import { reportInvalid } from "../../report.ts";
import { validateContainerResourceName } from "../resources/validate-resource-name.ts";
import { validateAffinity } from "../scheduling/affinity.ts";
import { validateTolerations } from "../scheduling/taints.ts";
import { validateTopologySpread } from "../scheduling/topology-spread.ts";
import { validateVolumes } from "../volumes/pod-volumes.ts";
import { type PodCheck, visitContainers } from "./pod-check.ts";
import type { PodOptions } from "./pod-options.ts";
import { mirrorAnnotation, validatePodAnnotations, validateProfilesMatch } from "./validate-annotations.ts";
import { validateContainers, validateEphemeralContainers, validateInitContainers } from "./validate-containers.ts";
import {
  validateDNSConfig,
  validateDNSPolicy,
  validateHostAliases,
  validateHostname,
  validateHostnameOverride,
} from "./validate-dns.ts";
import { validatePodResources } from "./validate-pod-resources.ts";
import { validateResourceClaims } from "./validate-resource-claims.ts";
import { validateResources } from "./validate-resources.ts";
import { validatePodSecurityContext, validateUserNamespace } from "./validate-security-context.ts";
import { validateHostProcess, validateLinuxPod, validateWindowsPod } from "./validate-windows.ts";

/** The template in a workload; `path` is the template's. */
export function validatePodTemplate(
  template: PodTemplateSpec,
  path: string,
  errors: FieldError[],
  options: PodOptions,
): void {
  const { metadata = {}, spec = { containers: [] } } = template;
  const specPath = child(path, "spec");
  validateLabels(metadata.labels, child(path, "labels"), errors);
  validateAnnotations(metadata.annotations, child(path, "annotations"), errors);
  if (metadata.annotations) {
    validatePodAnnotations(metadata.annotations, spec, child(path, "annotations"), errors, options);
  }
  validatePodSpec(spec, undefined, { path: specPath, errors, options });
  validateProfilesMatch(metadata.annotations, spec, specPath, errors);
  if (spec.ephemeralContainers) {
    errors.push(
      forbiddenField(child(specPath, "ephemeralContainers"), "ephemeral containers not allowed in pod template"),
    );
  }
}

export interface PodSpecPlace {
  readonly path: string;
  readonly errors: FieldError[];
  readonly options: PodOptions;
}

/** `metadata` is the pod's; undefined for a template's spec. */
export function validatePodSpec(spec: PodSpec, metadata: ObjectMeta | undefined, place: PodSpecPlace): void {
  const { path, errors, options } = place;
  if (spec.terminationGracePeriodSeconds === undefined) {
    errors.push(required(child(path, "terminationGracePeriodSeconds")));
  }
  const check = validateVolumesAndClaims(spec, metadata, place);
  validateContainers(child(path, "containers"), check);
  if (spec.initContainers) validateInitContainers(child(path, "initContainers"), check);
  if (spec.ephemeralContainers) validateEphemeralContainers(child(path, "ephemeralContainers"), check);
  if (spec.resources) validatePodResources(spec.resources, child(path, "resources"), check);
  if (spec.hostNetwork) validateHostPorts(spec, path, errors, options);
  validateOneOf(spec.restartPolicy, ["Always", "OnFailure", "Never"], child(path, "restartPolicy"), errors);
  validateDNSPolicy(spec.dnsPolicy, child(path, "dnsPolicy"), errors);
  if (spec.nodeSelector) validateLabels(spec.nodeSelector, child(path, "nodeSelector"), errors);
  if (spec.securityContext) validatePodSecurityContext(spec.securityContext, child(path, "securityContext"), check);
  validatePlacement(check, path);
  validateHostProcess(spec, path, errors);
  if (spec.hostUsers === false) validateUserNamespace(check, path, pathsOfDevices(spec, path));
  validateHostnameOverride(spec, path, errors);
  validateReferences(check, path);
  if (spec.os) validateOS(spec, path, errors);
  reportFileKeyVolumes(spec, path, errors);
}

function validateVolumesAndClaims(spec: PodSpec, metadata: ObjectMeta | undefined, place: PodSpecPlace): PodCheck {
  const { path, errors, options } = place;
  const { isPod, allowAnyTokenPath } = options;
  const volumeOptions = { podName: metadata?.name, isPod, allowAnyTokenPath };
  const volumes = validateVolumes(spec.volumes ?? [], child(path, "volumes"), errors, volumeOptions);
  const claims = spec.resourceClaims ?? [];
  const isMirror = metadata?.annotations?.[mirrorAnnotation] !== undefined;
  validateResourceClaims(claims, child(path, "resourceClaims"), errors, { isMirror });
  const claimNames = new Set(claims.map(({ name }) => name).filter((name) => name !== ""));
  return { errors, options, spec, volumes, claimNames };
}

/** On the host's network a port is the same inside and outside. */
function validateHostPorts(spec: PodSpec, path: string, errors: FieldError[], { isPod }: PodOptions): void {
  for (const [index, { ports }] of (spec.containers ?? []).entries()) {
    for (const [place, { hostPort = 0, containerPort }] of (ports ?? []).entries()) {
      if (hostPort === containerPort || (hostPort === 0 && !isPod)) continue;
      const field = `${path}.containers[${index}].ports[${place}].hostPort`;
      errors.push(invalid(field, hostPort, "must match `containerPort` when `hostNetwork` is true"));
    }
  }
}

function validateOneOf(
  value: string | undefined,
  supported: readonly string[],
  path: string,
  errors: FieldError[],
): void {
  if (!value) errors.push(required(path));
  else if (!supported.includes(value)) errors.push(notSupported(path, value, supported));
}

/** Where it may run, and until when it is not to be placed at all. */
function validatePlacement({ spec, errors, options }: PodCheck, path: string): void {
  if (spec.affinity) validateAffinity(spec.affinity, child(path, "affinity"), errors, options);
  validateDNSConfig(spec, child(path, "dnsConfig"), errors);
  for (const [index, { conditionType }] of (spec.readinessGates ?? []).entries()) {
    const field = child(item(child(path, "readinessGates"), index), "conditionType");
    reportInvalid(errors, field, conditionType, checkQualifiedName(conditionType));
  }
  validateSchedulingGates(spec, child(path, "schedulingGates"), errors);
  const constraints = spec.topologySpreadConstraints;
  if (!constraints) return;
  validateTopologySpread(constraints, child(path, "topologySpreadConstraints"), errors, {
    allowInvalidLabelSelector: options.allowInvalidSpreadSelector,
    legacyMatchLabelKeys: options.legacyMatchLabelKeys,
  });
}

function validateSchedulingGates({ schedulingGates }: PodSpec, path: string, errors: FieldError[]): void {
  const names = new Set<string>();
  for (const [index, { name }] of (schedulingGates ?? []).entries()) {
    reportInvalid(errors, item(path, index), name, checkQualifiedName(name));
    if (names.has(name)) errors.push(duplicate(item(path, index), name));
    names.add(name);
  }
}

/** Names of other objects, numbers, and what little is left. */
function validateReferences(check: PodCheck, path: string): void {
  const { spec, errors, options } = check;
  validateObjectName(spec.serviceAccountName, child(path, "serviceAccountName"), errors);
  validateObjectName(spec.nodeName, child(path, "nodeName"), errors);
  validateDeadline(spec.activeDeadlineSeconds, child(path, "activeDeadlineSeconds"), errors);
  validateHostname(spec, path, errors);
  if (spec.tolerations) {
    const allowComparison = options.allowTolerationComparison;
    validateTolerations(spec.tolerations, child(path, "tolerations"), errors, { allowComparison });
  }
  if (spec.hostAliases) validateHostAliases(spec.hostAliases, child(path, "hostAliases"), errors);
  validateObjectName(spec.priorityClassName, child(path, "priorityClassName"), errors);
  if (spec.runtimeClassName !== undefined) {
    const problems = checkDNSSubdomainName(spec.runtimeClassName, false);
    reportInvalid(errors, child(path, "runtimeClassName"), spec.runtimeClassName, problems);
  }
  if (spec.preemptionPolicy !== undefined) {
    validateOneOf(spec.preemptionPolicy, ["PreemptLowerPriority", "Never"], child(path, "preemptionPolicy"), errors);
  }
  if (spec.overhead) {
    const { allowPartialHugePages } = options;
    const rules = { validateName: validateContainerResourceName, claimNames: new Set<string>(), allowPartialHugePages };
    validateResources({ limits: spec.overhead }, child(path, "overhead"), errors, rules);
  }
}

function validateObjectName(name: string | undefined, path: string, errors: FieldError[]): void {
  if (name) reportInvalid(errors, path, name, checkDNSSubdomainName(name, false));
}

const mostSeconds = 2 ** 31 - 1;

function validateDeadline(seconds: number | undefined, path: string, errors: FieldError[]): void {
  if (seconds === undefined || (seconds >= 1 && seconds <= mostSeconds)) return;
  errors.push(invalid(path, seconds, `must be between 1 and ${mostSeconds}, inclusive`));
}

function validateOS(spec: PodSpec, path: string, errors: FieldError[]): void {
  const field = child(path, "os");
  const systems = ["linux", "windows"];
  const name = spec.os?.name;
  if (!name) errors.push(required(child(field, "name")));
  else if (!systems.includes(name)) errors.push(notSupported(field, name, systems));
  else if (name === "linux") validateLinuxPod(spec, path, errors);
  else validateWindowsPod(spec, path, errors);
}

function pathsOfDevices(spec: PodSpec, path: string): string[] {
  const paths: string[] = [];
  visitContainers(spec, path, ({ volumeDevices }, containerPath) => {
    if (volumeDevices) paths.push(`${containerPath}.volumeDevices`);
  });
  return paths;
}

/** Variables read from files need a volume the containers share. */
function reportFileKeyVolumes(spec: PodSpec, path: string, errors: FieldError[]): void {
  visitContainers(spec, path, ({ env }, containerPath) => {
    for (const [index, { valueFrom }] of (env ?? []).entries()) {
      const name = valueFrom?.fileKeyRef?.volumeName;
      if (name === undefined) continue;
      const field = `${containerPath}.env[${index}].valueFrom.fileKeyRef.volumeName`;
      const volume = spec.volumes?.findLast((candidate) => candidate.name === name);
      if (!volume) errors.push(notFoundField(field, name));
      else if (!volume.emptyDir) errors.push(invalid(field, name, "referenced volume must be of type emptyDir"));
    }
  });
}
