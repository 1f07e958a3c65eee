// From a pod's and a container's security contexts to the runtime's: users, groups, capabilities, profiles, namespaces.

import type { AppArmorProfile, Container, SELinuxOptions, SeccompProfile, SecurityContext } from "#kubernetes/api";
import type { CriMessage } from "../cri/protocol.ts";
import { type BoundPod, containersOf, describePod } from "../pod/bound-pod.ts";

/** What the image says of its user. */
export interface ImageUser {
  /** Absent: the image names its user, or does not say. */
  readonly uid?: number;
  readonly name: string;
}

/** The container's context over the pod's: what of both is in force. */
export function effectiveSecurityContext(pod: BoundPod, container: Container): SecurityContext {
  const { seLinuxOptions, runAsUser, runAsGroup, runAsNonRoot } = pod.spec.securityContext ?? {};
  const fromPod: SecurityContext = {
    ...(seLinuxOptions && { seLinuxOptions }),
    ...(runAsUser !== undefined && { runAsUser }),
    ...(runAsGroup !== undefined && { runAsGroup }),
    ...(runAsNonRoot !== undefined && { runAsNonRoot }),
  };
  const own = Object.entries(container.securityContext ?? {}).filter(([, value]) => value !== undefined);
  return { ...fromPod, ...Object.fromEntries(own) };
}

/** Throws where the container must not run as root and would, or where nobody can tell. Upstream's words. */
export function verifyRunAsNonRoot(pod: BoundPod, container: Container, user: ImageUser): void {
  const { runAsNonRoot, runAsUser } = effectiveSecurityContext(pod, container);
  if (!runAsNonRoot) return;
  const where = `(pod: ${JSON.stringify(describePod(pod))}, container: ${container.name})`;
  if (runAsUser === 0) throw new Error(`container's runAsUser breaks non-root policy ${where}`);
  if (runAsUser !== undefined) return;
  if (user.uid === undefined && user.name !== "") {
    throw new Error(
      `container has runAsNonRoot and image has non-numeric user (${user.name}), cannot verify user is non-root ${where}`,
    );
  }
  if (user.uid === 0) throw new Error(`container has runAsNonRoot and image will run as root ${where}`);
}

export interface SecuritySettings {
  /** Where localhost seccomp profiles lie. */
  readonly seccompFolder: string;
  /** Files of the machine's processors that containers must not read. */
  readonly thermalPaths: readonly string[];
}

export function containerSecurityContext(
  pod: BoundPod,
  container: Container,
  user: ImageUser,
  settings: SecuritySettings,
): CriMessage<"LinuxContainerSecurityContext"> {
  const context = effectiveSecurityContext(pod, container);
  const unmasked = context.procMount === "Unmasked";
  return {
    ...userOf(context, user),
    ...(context.capabilities && {
      capabilities: {
        addCapabilities: context.capabilities.add ?? [],
        dropCapabilities: context.capabilities.drop ?? [],
      },
    }),
    ...(context.seLinuxOptions && { selinuxOptions: selinuxOf(context.seLinuxOptions) }),
    privileged: context.privileged ?? false,
    readonlyRootfs: context.readOnlyRootFilesystem ?? false,
    noNewPrivs: context.allowPrivilegeEscalation === false,
    maskedPaths: unmasked ? [] : [...maskedPaths, ...settings.thermalPaths],
    readonlyPaths: unmasked ? [] : readonlyPaths,
    ...groupsOf(pod),
    seccomp: seccompOf(
      container.securityContext?.seccompProfile ?? pod.spec.securityContext?.seccompProfile,
      settings.seccompFolder,
    ),
    ...apparmorOf(pod, container),
    namespaceOptions: namespacesOf(pod),
  };
}

/** Of the sandbox, which holds the pod's namespaces. */
export function sandboxSecurityContext(pod: BoundPod): CriMessage<"LinuxSandboxSecurityContext"> {
  const privileged = containersOf(pod.spec).some(({ container }) => container.securityContext?.privileged);
  const context = pod.spec.securityContext ?? {};
  return {
    privileged,
    seccomp: { profileType: "RuntimeDefault" },
    namespaceOptions: namespacesOf(pod),
    ...(context.runAsUser !== undefined && { runAsUser: { value: context.runAsUser } }),
    ...(context.runAsGroup !== undefined && { runAsGroup: { value: context.runAsGroup } }),
    ...groupsOf(pod),
    ...(context.seLinuxOptions && { selinuxOptions: selinuxOf(context.seLinuxOptions) }),
  };
}

/** Which of the node's namespaces the pod shares, and whether its containers share one process space. */
export function namespacesOf(pod: BoundPod): CriMessage<"NamespaceOption"> {
  const { hostNetwork, hostPID, hostIPC, shareProcessNamespace } = pod.spec;
  return {
    network: hostNetwork ? "NODE" : "POD",
    ipc: hostIPC ? "NODE" : "POD",
    pid: hostPID ? "NODE" : shareProcessNamespace ? "POD" : "CONTAINER",
    usernsOptions: { mode: "NODE" },
  };
}

function userOf(context: SecurityContext, user: ImageUser): Partial<CriMessage<"LinuxContainerSecurityContext">> {
  const { runAsUser, runAsGroup } = context;
  const uid = runAsUser ?? user.uid;
  return {
    ...(uid !== undefined && { runAsUser: { value: uid } }),
    ...(runAsUser === undefined && { runAsUsername: user.name }),
    ...(runAsGroup !== undefined && { runAsGroup: { value: runAsGroup } }),
  };
}

function groupsOf(pod: BoundPod): Partial<CriMessage<"LinuxContainerSecurityContext">> {
  const { fsGroup, supplementalGroups, supplementalGroupsPolicy } = pod.spec.securityContext ?? {};
  const groups = [...(fsGroup === undefined ? [] : [fsGroup]), ...(supplementalGroups ?? [])];
  if (supplementalGroupsPolicy === undefined) return { supplementalGroups: groups };
  if (supplementalGroupsPolicy !== "Merge" && supplementalGroupsPolicy !== "Strict") {
    throw new Error(`unsupported supplementalGroupsPolicy: ${supplementalGroupsPolicy}`);
  }
  return { supplementalGroups: groups, supplementalGroupsPolicy };
}

function selinuxOf({ user, role, type, level }: SELinuxOptions): CriMessage<"SELinuxOption"> {
  return { user, role, type, level };
}

function seccompOf(profile: SeccompProfile | undefined, folder: string): CriMessage<"SecurityProfile"> {
  if (profile?.type === "RuntimeDefault") return { profileType: "RuntimeDefault" };
  if (profile?.type !== "Localhost") return { profileType: "Unconfined" };
  if (!profile.localhostProfile) throw new Error("localhostProfile must be set if seccompProfile type is Localhost.");
  return { profileType: "Localhost", localhostRef: `${folder}/${profile.localhostProfile}` };
}

/** Dots between its parts, however the pod writes it: "net/ipv4/conf/eth0.1/forwarding" has a dot within a part. */
export function sysctlName(name: string): string {
  if (/[./]/.exec(name)?.[0] !== "/") return name;
  return name.replaceAll(/[./]/g, (separator) => (separator === "/" ? "." : "/"));
}

const apparmorAnnotation = "container.apparmor.security.beta.kubernetes.io/";

/** The container's own, else that of its annotation, else the pod's; undefined: the runtime's default where it has one. */
export function apparmorProfileOf(
  pod: BoundPod,
  container: Pick<Container, "name" | "securityContext">,
): AppArmorProfile | undefined {
  return (
    container.securityContext?.appArmorProfile ??
    readApparmorAnnotation(pod.metadata.annotations?.[apparmorAnnotation + container.name]) ??
    pod.spec.securityContext?.appArmorProfile
  );
}

/** The profile, in the form of today's runtimes and of those before it. */
function apparmorOf(pod: BoundPod, container: Container): Partial<CriMessage<"LinuxContainerSecurityContext">> {
  const profile = apparmorProfileOf(pod, container);
  if (!profile) return {};
  if (profile.type === "RuntimeDefault") {
    return { apparmor: { profileType: "RuntimeDefault" }, apparmorProfile: "runtime/default" };
  }
  if (profile.type === "Unconfined") {
    return { apparmor: { profileType: "Unconfined" }, apparmorProfile: "unconfined" };
  }
  if (profile.type !== "Localhost") throw new Error(`unknown apparmor profile type: ${JSON.stringify(profile.type)}`);
  const name = profile.localhostProfile;
  if (name === undefined) throw new Error("missing localhost apparmor profile name");
  return { apparmor: { profileType: "Localhost", localhostRef: name }, apparmorProfile: `localhost/${name}` };
}

function readApparmorAnnotation(text: string | undefined): AppArmorProfile | undefined {
  if (text === "runtime/default") return { type: "RuntimeDefault" };
  if (text === "unconfined") return { type: "Unconfined" };
  const local = "localhost/";
  return text?.startsWith(local) ? { type: "Localhost", localhostProfile: text.slice(local.length) } : undefined;
}

const maskedPaths = [
  "/proc/asound",
  "/proc/acpi",
  "/proc/interrupts",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/sys/firmware",
  "/sys/devices/virtual/powercap",
];
const readonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];
