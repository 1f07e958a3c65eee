// Warnings about pods and templates of pods: what is deprecated, ineffective or surprising, and yet valid.

import { child, entry, item } from "../../../../field-error.ts";
import type { LocalObjectReference, ObjectMeta, PodSpec, PodTemplateSpec } from "../../../../generated/types.ts";
import { quote } from "../../../../go-format.ts";
import { warnOfIP } from "../../../../ip-validation.ts";
import { deepEqual } from "../../../values/semantic-equal.ts";
import { warnOfFraction } from "../../resources/fractions.ts";
import { type AnyContainer, visitContainers } from "../pod-check.ts";
import {
  appArmorPrefix,
  appArmorProfileOf,
  seccompContainerPrefix,
  seccompPodAnnotation,
} from "../validate-annotations.ts";
import { warnOfOverlaps } from "./overlapping-paths.ts";
import { warnOfContainer } from "./warn-of-containers.ts";
import { warnOfPorts } from "./warn-of-ports.ts";
import { warnOfNodeSelection, warnOfPodAffinity } from "./warn-of-scheduling.ts";
import { warnOfVolumes } from "./warn-of-volumes.ts";

type Annotations = Readonly<Record<string, string>>;

const annotationsOfPod = "metadata.annotations";

const deprecatedAnnotations: readonly (readonly [key: string, why: string])[] = [
  ["scheduler.alpha.kubernetes.io/critical-pod", 'non-functional in v1.16+; use the "priorityClassName" field instead'],
  ["security.alpha.kubernetes.io/sysctls", 'non-functional in v1.11+; use the "sysctls" field instead'],
  ["security.alpha.kubernetes.io/unsafe-sysctls", 'non-functional in v1.11+; use the "sysctls" field instead'],
];

/** Of a Pod that is about to be created. */
export function warnOfPod({ metadata, spec }: { metadata: ObjectMeta; spec: PodSpec }): string[] {
  return warnOfSpec(metadata.annotations ?? {}, spec, "");
}

/** Of a Pod that is about to be created, whether or not it can be: annotations where a field should say the same. */
export function warnOfAppArmor({ metadata, spec }: { metadata: ObjectMeta; spec: PodSpec }): string[] {
  const warnings: string[] = [];
  visitContainers(spec, "spec", ({ name, securityContext }) => {
    if (!securityContext?.appArmorProfile)
      warnOfAppArmorAnnotation(name, metadata.annotations ?? {}, spec, annotationsOfPod, warnings);
  });
  return warnings;
}

/** Of the template at `path` of a workload, which all of upstream's workloads warn of on create and update. */
export function warnOfPodTemplate({ metadata, spec }: PodTemplateSpec, path: string): string[] {
  return spec ? warnOfSpec(metadata?.annotations ?? {}, spec, path) : [];
}

function warnOfSpec(annotations: Annotations, spec: PodSpec, path: string): string[] {
  const warnings: string[] = [];
  const specPath = child(path, "spec");
  const annotationsPath = child(path, "metadata", "annotations");
  warnOfNodeSelection(spec, specPath, warnings);
  for (const [key, why] of deprecatedAnnotations) {
    if (key in annotations) warnings.push(`${entry(annotationsPath, key)}: ${why}`);
  }
  if (spec.volumes) warnOfVolumes(spec.volumes, child(specPath, "volumes"), warnings);
  if (spec.volumes) warnOfOverlaps(spec.volumes, warnings);
  warnOfRepeatedAliases(spec, child(specPath, "hostAliases"), warnings);
  warnOfPullSecrets(spec.imagePullSecrets ?? [], child(specPath, "imagePullSecrets"), warnings);
  warnOfFraction(spec.overhead, "memory", child(specPath, "overhead"), warnings);
  warnOfFraction(spec.overhead, "ephemeral-storage", child(specPath, "overhead"), warnings);
  if (!spec.securityContext?.seccompProfile)
    warnOfSeccomp(annotations, seccompPodAnnotation, annotationsPath, warnings);
  visitContainers(spec, specPath, (container, containerPath) => {
    warnOfProfiles(container, annotations, spec, annotationsPath, warnings);
    warnOfContainer(container, containerPath, warnings);
  });
  warnOfPorts(spec, specPath, warnings);
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) {
    const what = "must be >= 0; negative values are invalid and will be treated as 1";
    warnings.push(`${child(specPath, "terminationGracePeriodSeconds")}: ${what}`);
  }
  warnOfPodAffinity(spec.affinity, child(specPath, "affinity"), warnings);
  warnOfAddresses(spec, specPath, warnings);
  return warnings;
}

function warnOfRepeatedAliases({ hostAliases }: PodSpec, path: string, warnings: string[]): void {
  const known = new Set<string>();
  for (const [index, { ip }] of (hostAliases ?? []).entries()) {
    if (known.has(ip)) warnings.push(`${item(path, index)}.ip: duplicate ip ${quote(ip)}`);
    known.add(ip);
  }
}

function warnOfPullSecrets(secrets: readonly LocalObjectReference[], path: string, warnings: string[]): void {
  const known = new Set<string>();
  for (const [index, { name = "" }] of secrets.entries()) {
    if (known.has(name)) warnings.push(`${item(path, index)}.name: duplicate name ${quote(name)}`);
    known.add(name);
  }
  for (const [index, { name = "" }] of secrets.entries()) {
    if (name === "") warnings.push(`${item(path, index)}.name: invalid empty name ""`);
  }
}

function warnOfSeccomp(annotations: Annotations, key: string, path: string, warnings: string[]): void {
  if (!(key in annotations)) return;
  warnings.push(`${entry(path, key)}: non-functional in v1.27+; use the "seccompProfile" field instead`);
}

/** Annotations of profiles where a field should say the same. */
function warnOfProfiles(
  { name, securityContext }: AnyContainer,
  annotations: Annotations,
  spec: PodSpec,
  path: string,
  warnings: string[],
): void {
  if (!securityContext?.seccompProfile) warnOfSeccomp(annotations, seccompContainerPrefix + name, path, warnings);
  // Of a Pod this is said before, when its container's field is set from the annotation.
  if (path === annotationsOfPod || securityContext?.appArmorProfile) return;
  warnOfAppArmorAnnotation(name, annotations, spec, path, warnings);
}

function warnOfAppArmorAnnotation(
  name: string,
  annotations: Annotations,
  spec: PodSpec,
  path: string,
  warnings: string[],
): void {
  const key = appArmorPrefix + name;
  const annotation = annotations[key];
  if (annotation === undefined || (path === annotationsOfPod && spec.os?.name === "windows")) return;
  const profile = appArmorProfileOf(annotation);
  if (profile && deepEqual(profile, spec.securityContext?.appArmorProfile)) return;
  warnings.push(`${entry(path, key)}: deprecated since v1.30; use the "appArmorProfile" field instead`);
}

function warnOfAddresses({ dnsConfig, hostAliases }: PodSpec, path: string, warnings: string[]): void {
  for (const [index, address] of (dnsConfig?.nameservers ?? []).entries()) {
    warnings.push(...warnOfIP(item(child(path, "dnsConfig", "nameservers"), index), address));
  }
  for (const [index, { ip }] of (hostAliases ?? []).entries()) {
    warnings.push(...warnOfIP(`${item(child(path, "hostAliases"), index)}.ip`, ip));
  }
}
