// Options of Windows pods, and what pods of either system cannot have.

import { child, type FieldError, forbiddenField, invalid } from "../../../field-error.ts";
import type { PodSpec, WindowsSecurityContextOptions } from "../../../generated/types.ts";
import { checkDNS1123Subdomain } from "../../../names.ts";
import { reportForbidden, reportInvalid } from "../../report.ts";
import { visitContainers } from "./pod-check.ts";

const longestSpec = 64 * 1024;

export function validateWindowsOptions(
  options: WindowsSecurityContextOptions | undefined,
  path: string,
  errors: FieldError[],
): void {
  if (!options) return;
  const { gmsaCredentialSpecName: name, gmsaCredentialSpec: spec, runAsUserName: user } = options;
  if (name !== undefined) {
    reportInvalid(errors, child(path, "gmsaCredentialSpecName"), name, checkDNS1123Subdomain(name));
  }
  const specField = child(path, "gmsaCredentialSpec");
  if (spec === "") errors.push(invalid(specField, "", "gmsaCredentialSpec cannot be an empty string"));
  else if (spec !== undefined && Buffer.byteLength(spec) > longestSpec) {
    errors.push(invalid(specField, spec, "gmsaCredentialSpec size must be under 64 KiB"));
  }
  if (user !== undefined) reportInvalid(errors, child(path, "runAsUserName"), user, checkUserName(user));
}

const longestDomain = 255;
const longestUser = 104;
const netBiosName = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const dnsPart = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?";
const dnsName = new RegExp(`^${dnsPart}(?:\\.${dnsPart})*$`);

/** "user" or "DOMAIN\user". */
function checkUserName(name: string): string[] {
  if (name === "") return ["runAsUserName cannot be an empty string"];
  if (/[\0-\x1f\x7f]/.test(name)) return ["runAsUserName cannot contain control characters"];
  const parts = name.split("\\");
  if (parts.length > 2) return ["runAsUserName cannot contain more than one backslash"];
  const user = parts.at(-1) ?? "";
  return [...(parts.length === 2 ? checkDomain(parts[0] ?? "") : []), ...checkUser(user)];
}

function checkDomain(domain: string): string[] {
  const problems: string[] = [];
  if (Buffer.byteLength(domain) > longestDomain) {
    problems.push("runAsUserName's Domain length must be under 256 characters");
  }
  if (!netBiosName.test(domain) && !dnsName.test(domain)) {
    problems.push("runAsUserName's Domain doesn't match the NetBios nor the DNS format");
  }
  return problems;
}

function checkUser(user: string): string[] {
  const problems: string[] = [];
  if (user === "") problems.push("runAsUserName's User cannot be empty");
  else if (Buffer.byteLength(user) > longestUser) {
    problems.push(`runAsUserName's User length must not be longer than ${longestUser} characters`);
  }
  if (/^[. ]+$/.test(user)) problems.push("runAsUserName's User cannot contain only periods or spaces");
  if (/["/\\:;|=,+*?<>@[\]]/.test(user)) {
    problems.push(`runAsUserName's User cannot contain the following characters: "/\\:;|=,+*?<>@[]`);
  }
  return problems;
}

/** Containers that run as processes of the host: all of a pod or none. */
export function validateHostProcess(spec: PodSpec, path: string, errors: FieldError[]): void {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  let containers = 0;
  let hostProcesses = 0;
  visitContainers(spec, path, (container, containerPath) => {
    containers++;
    const own = container.securityContext?.windowsOptions?.hostProcess;
    if (ofPod !== undefined && own !== undefined && ofPod !== own) {
      const field = `${containerPath}.securityContext.windowsOptions.hostProcess`;
      const why = `pod hostProcess value must be identical if both are specified, was ${ofPod}`;
      errors.push(invalid(field, own, why));
    }
    if (own ?? ofPod) hostProcesses++;
  });
  if (hostProcesses === 0) return;
  if (hostProcesses !== containers) {
    const why = "If pod contains any hostProcess containers then all containers must be HostProcess containers";
    errors.push(invalid(path, "", why));
  }
  if (!spec.hostNetwork) {
    const why = "hostNetwork must be true if pod contains any hostProcess containers";
    errors.push(invalid(child(path, "hostNetwork"), false, why));
  }
}

const why = "cannot be set for a windows pod";

/** spec.os says Windows: nothing of Linux may be set. */
export function validateWindowsPod(spec: PodSpec, path: string, errors: FieldError[]): void {
  const { securityContext: context = {}, hostUsers, hostPID, hostIPC, shareProcessNamespace } = spec;
  const own = child(path, "securityContext");
  reportForbidden(
    errors,
    {
      [child(own, "appArmorProfile")]: context.appArmorProfile,
      [child(own, "seLinuxOptions")]: context.seLinuxOptions,
      [child(path, "hostUsers")]: isSet(hostUsers),
      [child(path, "hostPID")]: hostPID,
      [child(path, "hostIPC")]: hostIPC,
      [child(own, "seccompProfile")]: context.seccompProfile,
      [child(own, "fsGroup")]: context.fsGroup,
      [child(own, "fsGroupChangePolicy")]: context.fsGroupChangePolicy,
      [child(own, "sysctls")]: context.sysctls,
      [child(path, "shareProcessNamespace")]: isSet(shareProcessNamespace),
      [child(own, "runAsUser")]: context.runAsUser,
      [child(own, "runAsGroup")]: context.runAsGroup,
      [child(own, "supplementalGroups")]: context.supplementalGroups,
      [child(own, "supplementalGroupsPolicy")]: context.supplementalGroupsPolicy,
      [child(own, "seLinuxChangePolicy")]: context.seLinuxChangePolicy,
    },
    why,
  );
  visitContainers(spec, path, ({ securityContext }, containerPath) => {
    if (securityContext) validateWindowsContainer(securityContext, child(containerPath, "securityContext"), errors);
  });
}

function validateWindowsContainer(
  context: NonNullable<PodSpec["containers"][number]["securityContext"]>,
  path: string,
  errors: FieldError[],
): void {
  reportForbidden(
    errors,
    {
      [child(path, "appArmorProfile")]: context.appArmorProfile,
      [child(path, "seLinuxOptions")]: context.seLinuxOptions,
      [child(path, "seccompProfile")]: context.seccompProfile,
      [child(path, "capabilities")]: context.capabilities,
      [child(path, "readOnlyRootFilesystem")]: isSet(context.readOnlyRootFilesystem),
      [child(path, "privileged")]: isSet(context.privileged),
      [child(path, "allowPrivilegeEscalation")]: isSet(context.allowPrivilegeEscalation),
      [child(path, "procMount")]: context.procMount,
      [child(path, "runAsUser")]: context.runAsUser,
      [child(path, "runAsGroup")]: context.runAsGroup,
    },
    why,
  );
}

/** Where false counts as well. */
function isSet(value: boolean | undefined): boolean {
  return value !== undefined;
}

/** spec.os says Linux. */
export function validateLinuxPod(spec: PodSpec, path: string, errors: FieldError[]): void {
  const field = "windowsOptions";
  const detail = "windows options cannot be set for a linux pod";
  if (spec.securityContext?.[field]) errors.push(forbiddenField(child(path, "securityContext", field), detail));
  visitContainers(spec, path, ({ securityContext }, containerPath) => {
    if (securityContext?.[field]) errors.push(forbiddenField(child(containerPath, "securityContext", field), detail));
  });
}
