// What processes of a pod and of its containers may do, and as whom they run.

import {
  child,
  duplicate,
  type FieldError,
  forbiddenField,
  invalid,
  item,
  notSupported,
  required,
  tooLong,
} from "../../../field-error.ts";
import type {
  AppArmorProfile,
  PodSecurityContext,
  PodSpec,
  SeccompProfile,
  SecurityContext,
  Sysctl,
} from "../../../generated/types.ts";
import { checkGroupID, checkUserID } from "../../../names.ts";
import { reportInvalid, reportUnsupported } from "../../report.ts";
import { internalForm } from "../../values/internal-form.ts";
import { validateDescendingPath } from "../volumes/paths.ts";
import type { PodCheck } from "./pod-check.ts";
import { validateWindowsOptions } from "./validate-windows.ts";

export function validatePodSecurityContext(context: PodSecurityContext, path: string, check: PodCheck): void {
  const { errors, options, spec } = check;
  validateIDs(context, path, errors);
  for (const [index, group] of (context.supplementalGroups ?? []).entries()) {
    reportInvalid(errors, item(child(path, "supplementalGroups"), index), group, checkGroupID(group));
  }
  if (spec.shareProcessNamespace && spec.hostPID) {
    const why = "ShareProcessNamespace and HostPID cannot both be enabled";
    errors.push(invalid(child(path, "shareProcessNamespace"), true, why));
  }
  validateSysctls(context.sysctls ?? [], child(path, "sysctls"), check);
  const policies = ["Always", "OnRootMismatch"];
  reportUnsupported(errors, child(path, "fsGroupChangePolicy"), context.fsGroupChangePolicy, policies);
  validateProfiles(context, path, errors);
  const groupPolicies = ["Merge", "Strict"];
  reportUnsupported(errors, child(path, "supplementalGroupsPolicy"), context.supplementalGroupsPolicy, groupPolicies);
  const labelPolicies = options.allowMountSELinuxPolicy ? ["MountOption", "Recursive"] : ["Recursive"];
  reportUnsupported(errors, child(path, "seLinuxChangePolicy"), context.seLinuxChangePolicy, labelPolicies);
}

export function validateSecurityContext(context: SecurityContext, path: string, { errors, spec }: PodCheck): void {
  validateIDs(context, path, errors);
  const { procMount } = context;
  reportUnsupported(errors, child(path, "procMount"), procMount, ["Default", "Unmasked"]);
  if (procMount === "Unmasked" && spec.hostUsers !== false) {
    errors.push(invalid(child(path, "procMount"), procMount, "`hostUsers` must be false to use `Unmasked`"));
  }
  validateSeccomp(context.seccompProfile, child(path, "seccompProfile"), errors);
  validateEscalation(context, path, errors);
  validateWindowsOptions(context.windowsOptions, child(path, "windowsOptions"), errors);
  validateAppArmor(context.appArmorProfile, child(path, "appArmorProfile"), errors);
}

function validateIDs(
  context: { fsGroup?: number; runAsUser?: number; runAsGroup?: number },
  path: string,
  errors: FieldError[],
): void {
  const checks = { fsGroup: checkGroupID, runAsUser: checkUserID, runAsGroup: checkGroupID };
  for (const field of ["fsGroup", "runAsUser", "runAsGroup"] as const) {
    const id = context[field];
    if (id !== undefined) reportInvalid(errors, child(path, field), id, checks[field](id));
  }
}

function validateProfiles(context: PodSecurityContext, path: string, errors: FieldError[]): void {
  validateSeccomp(context.seccompProfile, child(path, "seccompProfile"), errors);
  validateWindowsOptions(context.windowsOptions, child(path, "windowsOptions"), errors);
  validateAppArmor(context.appArmorProfile, child(path, "appArmorProfile"), errors);
}

/** Privileges that would be escalated cannot be had while escalation is refused. */
function validateEscalation(context: SecurityContext, path: string, errors: FieldError[]): void {
  if (context.allowPrivilegeEscalation !== false) return;
  const report = (why: string): void => {
    errors.push(invalid(path, internalForm("SecurityContext", context), why));
  };
  if (context.privileged) report("cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
  for (const capability of context.capabilities?.add ?? []) {
    if (capability !== "CAP_SYS_ADMIN") continue;
    report("cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
  }
}

const sysctlSegment = "[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
const sysctlPattern = `^(${sysctlSegment}[\\./])*${sysctlSegment}$`;
const sysctlExpression = new RegExp(sysctlPattern);
const longestSysctl = 253;

function validateSysctls(sysctls: readonly Sysctl[], path: string, { errors, options, spec }: PodCheck): void {
  const names = new Set<string>();
  for (const [index, { name }] of sysctls.entries()) {
    const field = child(item(path, index), "name");
    if (!name) errors.push(required(field));
    else if (Buffer.byteLength(name) > longestSysctl || !sysctlExpression.test(name)) {
      const why = `must have at most ${longestSysctl} characters and match regex ${sysctlPattern}`;
      errors.push(invalid(field, name, why));
    } else if (names.has(name)) errors.push(duplicate(field, name));
    names.add(name);
    if (!options.allowHostSysctls && isHostSysctl(name, spec)) {
      const namespace = sysctlNamespace(name) === "net" && spec.hostNetwork ? "hostNetwork" : "hostIPC";
      errors.push(invalid(field, name, `may not be specified when '${namespace}' is true`));
    }
  }
}

const ipcSysctls = [
  "kernel.sem",
  ...["kernel.shm", "kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced"],
  ...["kernel.msg", "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni"],
];

/** Would be set for the whole host, whose namespace the pod uses. */
export function isHostSysctl(name: string, spec: PodSpec): boolean {
  const namespace = sysctlNamespace(name);
  return (namespace === "net" && spec.hostNetwork === true) || (namespace === "ipc" && spec.hostIPC === true);
}

/** Which of a pod's namespaces the kernel keeps the setting in. */
function sysctlNamespace(name: string): "net" | "ipc" | undefined {
  const [prefix = ""] = normalizeSysctl(name).split("*", 1);
  if (ipcSysctls.includes(prefix)) return "ipc";
  if (prefix.startsWith("net.")) return "net";
  return prefix.startsWith("fs.mqueue.") ? "ipc" : undefined;
}

/** Names may be written with slashes, in which dots are then part of a segment. */
function normalizeSysctl(name: string): string {
  const separator = /[./]/.exec(name);
  if (separator?.[0] !== "/") return name;
  return name.replace(/[./]/g, (character) => (character === "/" ? "." : "/"));
}

function validateSeccomp(profile: SeccompProfile | undefined, path: string, errors: FieldError[]): void {
  if (!profile) return;
  const { type, localhostProfile } = profile;
  const types = ["Localhost", "RuntimeDefault", "Unconfined"];
  if (!type) errors.push(required(child(path, "type"), "type is required when seccompProfile is set"));
  else if (!types.includes(type)) errors.push(notSupported(child(path, "type"), type, types));
  const field = child(path, "localhostProfile");
  if (type !== "Localhost") {
    if (localhostProfile === undefined) return;
    const shown = internalForm("SeccompProfile", profile);
    errors.push(invalid(field, shown, "can only be set when seccomp type is Localhost"));
  } else if (localhostProfile === undefined) {
    errors.push(required(field, "must be set when seccomp type is Localhost"));
  } else validateDescendingPath(localhostProfile, field, errors);
}

const longestProfile = 4095;

export function validateAppArmor(profile: AppArmorProfile | undefined, path: string, errors: FieldError[]): void {
  if (!profile) return;
  const { type, localhostProfile } = profile;
  const types = ["Localhost", "RuntimeDefault", "Unconfined"];
  const field = child(path, "localhostProfile");
  if (!type) errors.push(required(child(path, "type"), "type is required when appArmorProfile is set"));
  else if (!types.includes(type)) errors.push(notSupported(child(path, "type"), type, types));
  else if (type === "Localhost") validateLocalProfile(localhostProfile, field, errors);
  else if (localhostProfile !== undefined) {
    errors.push(invalid(field, localhostProfile, "can only be set when AppArmor type is Localhost"));
  }
}

function validateLocalProfile(profile: string | undefined, path: string, errors: FieldError[]): void {
  if (!profile) {
    errors.push(required(path, "must be set when AppArmor type is Localhost"));
    return;
  }
  if (profile.trim() !== profile) errors.push(invalid(path, profile, "must not be padded with whitespace"));
  if (Buffer.byteLength(profile) > longestProfile) errors.push(tooLong(path, longestProfile));
}

/** A pod with users of its own cannot share the host's other namespaces. Upstream's fields have these names. */
export function validateUserNamespace({ errors, options, spec }: PodCheck, path: string, devices: string[]): void {
  if (spec.hostUsers !== false) return;
  const why = "when `hostUsers` is false";
  if (spec.hostNetwork && !options.allowHostNetworkInUserNamespace) {
    errors.push(forbiddenField(child(path, "hostNetwork"), why));
  }
  if (spec.hostPID) errors.push(forbiddenField(child(path, "HostPID"), why));
  if (spec.hostIPC) errors.push(forbiddenField(child(path, "HostIPC"), why));
  if (options.allowDevicesInUserNamespace) return;
  for (const field of devices) errors.push(forbiddenField(field, why));
}
