// The baseline standard: nothing that is a known way to take over a node.

import type { LifecycleHandler, Probe } from "#kubernetes/api";
import {
  type Check,
  type CheckedContainer,
  type CheckedPod,
  type CheckFunction,
  nameContainers,
  nameSetters,
  plural,
  quoteAll,
  sorted,
  unlessUserNamespace,
  type Violation,
} from "./check.ts";
import { seccompAnnotations, seccompBaseline } from "./seccomp-checks.ts";

const allowedCapabilities = new Set([
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
]);

function checkCapabilities({ containers }: CheckedPod): Violation | undefined {
  const added = (container: CheckedContainer) =>
    (container.securityContext?.capabilities?.add ?? []).filter((name) => !allowedCapabilities.has(name));
  const bad = containers.filter((container) => added(container).length > 0);
  if (bad.length === 0) return undefined;
  const names = quoteAll(sorted(bad.flatMap(added)));
  const detail = `${nameContainers(bad)} must not include ${names} in securityContext.capabilities.add`;
  return { reason: "non-default capabilities", detail };
}

function checkHostNamespaces({ spec }: CheckedPod): Violation | undefined {
  const used = (["hostNetwork", "hostPID", "hostIPC"] as const).filter((name) => spec[name]);
  if (used.length === 0) return undefined;
  return { reason: "host namespaces", detail: used.map((name) => `${name}=true`).join(", ") };
}

function checkHostPaths({ spec }: CheckedPod): Violation | undefined {
  const bad = (spec.volumes ?? []).filter((volume) => volume.hostPath).map(({ name }) => name);
  if (bad.length === 0) return undefined;
  return { reason: "hostPath volumes", detail: `${plural("volume", "volumes", bad.length)} ${quoteAll(bad)}` };
}

function checkHostPorts({ containers }: CheckedPod): Violation | undefined {
  const used = (container: CheckedContainer) => (container.ports ?? []).flatMap(({ hostPort }) => hostPort || []);
  const bad = containers.filter((container) => used(container).length > 0);
  if (bad.length === 0) return undefined;
  const ports = sorted(bad.flatMap(used).map(String));
  const words = `${plural("uses", "use", bad.length)} ${plural("hostPort", "hostPorts", ports.length)}`;
  return { reason: "hostPort", detail: `${nameContainers(bad)} ${words} ${ports.join(", ")}` };
}

function checkHostProbes({ containers }: CheckedPod): Violation | undefined {
  const hostsOf = (handler: Pick<Probe & LifecycleHandler, "httpGet" | "tcpSocket"> | undefined) =>
    [handler?.httpGet?.host, handler?.tcpSocket?.host].filter((host) => host !== undefined && host !== "") as string[];
  const used = ({ livenessProbe, readinessProbe, startupProbe, lifecycle }: CheckedContainer) =>
    [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop].flatMap(hostsOf);
  const bad = containers.filter((container) => used(container).length > 0);
  if (bad.length === 0) return undefined;
  const hosts = sorted(bad.flatMap(used));
  const names = sorted(bad.map(({ name }) => name)).map((name) => ({ name }));
  const what = plural("probe or lifecycle host", "probe or lifecycle hosts", hosts.length);
  const detail = `${nameContainers(names)} ${plural("uses", "use", names.length)} ${what} ${quoteAll(hosts)}`;
  return { reason: "probe or lifecycle host", detail };
}

function checkPrivileged({ containers }: CheckedPod): Violation | undefined {
  const bad = containers.filter(({ securityContext }) => securityContext?.privileged);
  if (bad.length === 0) return undefined;
  return { reason: "privileged", detail: `${nameContainers(bad)} must not set securityContext.privileged=true` };
}

export function checkProcMount({ containers }: CheckedPod): Violation | undefined {
  const bad = containers.filter(({ securityContext }) => (securityContext?.procMount ?? "Default") !== "Default");
  if (bad.length === 0) return undefined;
  const types = quoteAll(sorted(bad.map(({ securityContext }) => securityContext!.procMount!)));
  return { reason: "procMount", detail: `${nameContainers(bad)} must not set securityContext.procMount to ${types}` };
}

const seLinuxTypes = ["", "container_t", "container_init_t", "container_kvm_t"];

function checkSeLinux(allowed: readonly string[]): CheckFunction {
  return ({ spec, containers }) => {
    const isBad = (options: NonNullable<CheckedContainer["securityContext"]>["seLinuxOptions"]) =>
      options !== undefined &&
      (!allowed.includes(options.type ?? "") || Boolean(options.user) || Boolean(options.role));
    const byPod = isBad(spec.securityContext?.seLinuxOptions);
    const bad = containers.filter(({ securityContext }) => isBad(securityContext?.seLinuxOptions));
    if (!byPod && bad.length === 0) return undefined;
    const all = [
      spec.securityContext?.seLinuxOptions,
      ...bad.map(({ securityContext }) => securityContext?.seLinuxOptions),
    ];
    const types = sorted(all.flatMap((options) => options?.type ?? []).filter((type) => !allowed.includes(type)));
    const what: string[] = [];
    if (types.length > 0) what.push(`${plural("type", "types", types.length)} ${quoteAll(types)}`);
    if (all.some((options) => options?.user)) what.push("user may not be set");
    if (all.some((options) => options?.role)) what.push("role may not be set");
    const detail = `${nameSetters(byPod, bad)} set forbidden securityContext.seLinuxOptions: ${what.join("; ")}`;
    return { reason: "seLinuxOptions", detail };
  };
}

const safeSysctls = [
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.ping_group_range",
  "net.ipv4.ip_unprivileged_port_start",
];
const safeSysctls27 = [...safeSysctls, "net.ipv4.ip_local_reserved_ports"];
const safeSysctls29 = [
  ...safeSysctls27,
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
];
const safeSysctls32 = [...safeSysctls29, "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"];

function checkSysctls(allowed: readonly string[]): CheckFunction {
  return ({ spec }) => {
    const names = (spec.securityContext?.sysctls ?? []).map(({ name }) => name);
    const bad = names.filter((name) => !allowed.includes(name));
    return bad.length === 0 ? undefined : { reason: "forbidden sysctls", detail: bad.join(", ") };
  };
}

function checkWindowsHostProcess({ spec, containers }: CheckedPod): Violation | undefined {
  const byPod = spec.securityContext?.windowsOptions?.hostProcess === true;
  const bad = containers.filter(({ securityContext }) => securityContext?.windowsOptions?.hostProcess);
  if (!byPod && bad.length === 0) return undefined;
  const detail = `${nameSetters(byPod, bad)} must not set securityContext.windowsOptions.hostProcess=true`;
  return { reason: "hostProcess", detail };
}

const appArmorPrefix = "container.apparmor.security.beta.kubernetes.io/";

function checkAppArmor({ spec, annotations, containers }: CheckedPod): Violation | undefined {
  const isBad = (profile: { type: string } | undefined) =>
    profile !== undefined && profile.type !== "RuntimeDefault" && profile.type !== "Localhost";
  const podProfile = spec.securityContext?.appArmorProfile;
  const bad = containers.filter(({ securityContext }) => isBad(securityContext?.appArmorProfile));
  const types = bad.map(({ securityContext }) => securityContext!.appArmorProfile!.type);
  if (isBad(podProfile)) types.push(podProfile!.type);
  const notes = Object.entries(annotations)
    .filter(([key, value]) => key.startsWith(appArmorPrefix) && !isGoodAppArmorNote(value))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .sort();
  const setters = [nameSetters(isBad(podProfile), bad)].filter((text) => text !== "");
  if (notes.length > 0) setters.push(plural("annotation", "annotations", notes.length));
  if (setters.length === 0) return undefined;
  const values = [...sorted(types), ...notes];
  return {
    reason: plural("forbidden AppArmor profile", "forbidden AppArmor profiles", values.length),
    detail: `${setters.join(" and ")} must not set AppArmor profile type to ${quoteAll(values)}`,
  };
}

function isGoodAppArmorNote(value: string): boolean {
  return value === "" || value === "runtime/default" || value.startsWith("localhost/");
}

export const baselineChecks: readonly Check[] = [
  { id: "appArmorProfile", versions: [{ from: 0, check: checkAppArmor }] },
  { id: "capabilities_baseline", versions: [{ from: 0, check: checkCapabilities }] },
  { id: "hostNamespaces", versions: [{ from: 0, check: checkHostNamespaces }] },
  { id: "hostPathVolumes", versions: [{ from: 0, check: checkHostPaths }] },
  { id: "hostPorts", versions: [{ from: 0, check: checkHostPorts }] },
  { id: "hostProbesAndHostLifecycle", versions: [{ from: 34, check: checkHostProbes }] },
  { id: "privileged", versions: [{ from: 0, check: checkPrivileged }] },
  {
    id: "procMount",
    versions: [
      { from: 0, check: checkProcMount },
      { from: 35, check: unlessUserNamespace(checkProcMount) },
    ],
  },
  {
    id: "seLinuxOptions",
    versions: [
      { from: 0, check: checkSeLinux(seLinuxTypes) },
      { from: 31, check: checkSeLinux([...seLinuxTypes, "container_engine_t"]) },
    ],
  },
  {
    id: "seccompProfile_baseline",
    versions: [
      { from: 0, check: seccompAnnotations },
      { from: 19, check: seccompBaseline },
    ],
  },
  {
    id: "sysctls",
    versions: [
      { from: 0, check: checkSysctls(safeSysctls) },
      { from: 27, check: checkSysctls(safeSysctls27) },
      { from: 29, check: checkSysctls(safeSysctls29) },
      { from: 32, check: checkSysctls(safeSysctls32) },
    ],
  },
  { id: "windowsHostProcess", versions: [{ from: 0, check: checkWindowsHostProcess }] },
];
