// Annotations of pods with a meaning, most of them from before there was a field for it.

import { child, entry, type FieldError, forbiddenField, invalid } from "../../../field-error.ts";
import type { AppArmorProfile, PodSpec, SeccompProfile, Toleration } from "../../../generated/types.ts";
import { quote } from "../../../go-format.ts";
import { readGoJson } from "../go-json.ts";
import { validateTolerations } from "../scheduling/taints.ts";
import { validateDescendingPath } from "../volumes/paths.ts";
import { allContainers, visitContainers } from "./pod-check.ts";
import type { PodOptions } from "./pod-options.ts";

/** On pods that the kubelet shows for what it runs from files. */
export const mirrorAnnotation = "kubernetes.io/config.mirror";
export const seccompPodAnnotation = "seccomp.security.alpha.kubernetes.io/pod";
export const seccompContainerPrefix = "container.seccomp.security.alpha.kubernetes.io/";
export const appArmorPrefix = "container.apparmor.security.beta.kubernetes.io/";
const tolerationsAnnotation = "scheduler.alpha.kubernetes.io/tolerations";
const deletionCostAnnotation = "controller.kubernetes.io/pod-deletion-cost";

type Annotations = Readonly<Record<string, string>>;

export function validatePodAnnotations(
  annotations: Annotations,
  spec: PodSpec,
  path: string,
  errors: FieldError[],
  options: PodOptions,
): void {
  const mirror = annotations[mirrorAnnotation];
  if (mirror !== undefined && !spec.nodeName) {
    const why = "must set spec.nodeName if mirror pod annotation is set";
    errors.push(invalid(entry(path, mirrorAnnotation), mirror, why));
  }
  if (annotations[tolerationsAnnotation]) validateTolerationsText(annotations, path, errors, options);
  if (!options.allowInvalidDeletionCost && !isDeletionCost(annotations)) {
    const cost = annotations[deletionCostAnnotation];
    errors.push(invalid(entry(path, deletionCostAnnotation), cost, "must be a 32bit integer"));
  }
  for (const [key, value] of Object.entries(annotations)) {
    if (key === seccompPodAnnotation || key.startsWith(seccompContainerPrefix)) {
      validateSeccompText(value, child(path, key), errors);
    }
  }
  for (const [key, value] of Object.entries(annotations)) {
    if (key.startsWith(appArmorPrefix)) validateAppArmorText(key, value, spec, entry(path, key), errors);
  }
}

/** There is none, or it is an integer of 32 bits. */
export function isDeletionCost(annotations: Annotations | undefined): boolean {
  const text = annotations?.[deletionCostAnnotation];
  if (text === undefined) return true;
  return /^(0|-?[0-9]+)$/.test(text) && !/^0./.test(text) && Number(text) >= -(2 ** 31) && Number(text) < 2 ** 31;
}

function validateTolerationsText(
  annotations: Annotations,
  path: string,
  errors: FieldError[],
  { allowTolerationComparison }: PodOptions,
): void {
  const text = annotations[tolerationsAnnotation] ?? "";
  const { value, problem } = readGoJson<Toleration[]>(text, "array", "[]core.Toleration");
  if (problem !== undefined) errors.push(invalid(path, tolerationsAnnotation, problem));
  else {
    const allowComparison = allowTolerationComparison;
    validateTolerations(value ?? [], child(path, tolerationsAnnotation), errors, { allowComparison });
  }
}

function validateSeccompText(profile: string, path: string, errors: FieldError[]): void {
  if (["runtime/default", "docker/default", "unconfined"].includes(profile)) return;
  const prefix = "localhost/";
  if (profile.startsWith(prefix)) validateDescendingPath(profile.slice(prefix.length), path, errors);
  else errors.push(invalid(path, profile, "must be a valid seccomp profile"));
}

function validateAppArmorText(key: string, profile: string, spec: PodSpec, path: string, errors: FieldError[]): void {
  const container = key.slice(appArmorPrefix.length);
  if (!allContainers(spec).some(({ name }) => name === container)) {
    errors.push(invalid(path, container, "container not found"));
  }
  const isKnown = ["", "runtime/default", "unconfined"].includes(profile) || profile.startsWith("localhost/");
  if (!isKnown) errors.push(invalid(path, profile, `invalid AppArmor profile name: ${quote(profile)}`));
}

/** The field that says what an annotation says; undefined for what is no profile. */
export function appArmorProfileOf(annotation: string): AppArmorProfile | undefined {
  if (annotation === "unconfined") return { type: "Unconfined" };
  if (annotation === "runtime/default") return { type: "RuntimeDefault" };
  const localhostProfile = annotation.startsWith("localhost/") ? annotation.slice("localhost/".length) : "";
  return localhostProfile === "" ? undefined : { type: "Localhost", localhostProfile };
}

/** Where both an annotation and a field say which profile confines a container, they must say the same. */
export function validateProfilesMatch(
  annotations: Annotations | undefined,
  spec: PodSpec,
  path: string,
  errors: FieldError[],
): void {
  if (!annotations) return;
  const ofPod = spec.securityContext?.seccompProfile;
  matchSeccomp(annotations[seccompPodAnnotation], ofPod, child(path, "securityContext", "seccompProfile"), errors);
  visitContainers(spec, path, ({ name, securityContext }, containerPath) => {
    const annotation = annotations[seccompContainerPrefix + name];
    const field = `${containerPath}.securityContext.seccompProfile`;
    matchSeccomp(annotation, securityContext?.seccompProfile, field, errors);
  });
  if (spec.os?.name === "windows") return;
  visitContainers(spec, path, ({ name, securityContext }, containerPath) => {
    const profile = securityContext?.appArmorProfile ?? spec.securityContext?.appArmorProfile;
    const field = `${containerPath}.securityContext.appArmorProfile`;
    matchAppArmor(annotations[appArmorPrefix + name], profile, field, errors);
  });
}

function matchSeccomp(
  annotation: string | undefined,
  profile: SeccompProfile | undefined,
  path: string,
  errors: FieldError[],
): void {
  if (annotation === undefined || !profile) return;
  const isDefault = annotation === "runtime/default" || annotation === "docker/default";
  matchProfile({ what: "seccomp", annotation, isDefault }, profile, path, errors);
}

function matchAppArmor(
  annotation: string | undefined,
  profile: AppArmorProfile | undefined,
  path: string,
  errors: FieldError[],
): void {
  if (annotation === undefined || !profile) return;
  const isDefault = annotation === "runtime/default";
  matchProfile({ what: "apparmor", annotation, isDefault }, profile, path, errors);
}

function matchProfile(
  { what, annotation, isDefault }: { what: string; annotation: string; isDefault: boolean },
  { type, localhostProfile }: { type: string; localhostProfile?: string },
  path: string,
  errors: FieldError[],
): void {
  const prefix = "localhost/";
  const matches: Readonly<Record<string, boolean>> = {
    Unconfined: annotation === "unconfined",
    RuntimeDefault: isDefault,
    Localhost: annotation.startsWith(prefix),
  };
  if (matches[type] === false) {
    errors.push(forbiddenField(child(path, "type"), `${what} type in annotation and field must match`));
  } else if (type === "Localhost" && annotation.slice(prefix.length) !== localhostProfile) {
    errors.push(forbiddenField(child(path, "localhostProfile"), `${what} profile in annotation and field must match`));
  }
}
