// What a container is given of its pod's volumes: mounts and devices, sub-paths, and its hosts file.

import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Container, VolumeMount } from "#kubernetes/api";
import type { CriMessage } from "../cri/protocol.ts";
import { expand, type Variables } from "../env/expand.ts";
import { hostNetworkHostsFile, podHostsFile } from "../network/hosts-file.ts";
import type { PodHostname } from "../network/pod-hostname.ts";
import type { BoundPod } from "../pod/bound-pod.ts";
import type { CriMount } from "../runtime/container-config.ts";
import type { Mounter } from "./mounter.ts";
import { checkSubPath, mountSubPath } from "./subpath.ts";
import type { MountedVolume } from "./volume.ts";

export interface ContainerMountInputs {
  readonly pod: BoundPod;
  readonly container: Container;
  /** The pod's own folder. */
  readonly podFolder: string;
  readonly volumes: ReadonlyMap<string, MountedVolume>;
  readonly env: Variables;
  readonly podIPs: readonly string[];
  readonly hostname: PodHostname;
  readonly mounter: Mounter;
  /** The runtime can make everything below a read-only mount read-only, too. */
  readonly supportsRecursiveReadOnly: boolean;
  /** The image a volume of that kind stands for, as the runtime names it. */
  readonly imageVolumes: ReadonlyMap<string, CriMessage<"ImageSpec">>;
}

/** Throws in upstream's words where a volume is missing or a mount can't be had. */
export async function containerMounts(inputs: ContainerMountInputs): Promise<CriMount[]> {
  const { container, pod, podIPs } = inputs;
  const mounts: CriMount[] = [];
  for (const [index, mount] of (container.volumeMounts ?? []).entries()) {
    mounts.push(await makeMount(inputs, mount, index));
  }
  const hasOwnHosts = container.volumeMounts?.some(({ mountPath }) => mountPath === "/etc/hosts");
  if (!hasOwnHosts && (podIPs.length > 0 || pod.spec.hostNetwork)) mounts.push(await makeHostsMount(inputs));
  return mounts;
}

/** The container's block devices. */
export function containerDevices(
  container: Container,
  volumes: ReadonlyMap<string, MountedVolume>,
): CriMessage<"Device">[] {
  return (container.volumeDevices ?? []).map(({ name, devicePath }) => {
    const volume = volumes.get(name);
    if (!volume?.isBlock) {
      throw new Error(
        `cannot find volume ${JSON.stringify(name)} to pass into container ${JSON.stringify(container.name)}`,
      );
    }
    return { hostPath: volume.path, containerPath: devicePath, permissions: volume.readOnly ? "r" : "mrw" };
  });
}

async function makeMount(inputs: ContainerMountInputs, mount: VolumeMount, index: number): Promise<CriMount> {
  const { container, volumes, env, imageVolumes } = inputs;
  const { name, mountPath } = mount;
  const subPath = mount.subPathExpr ? expandSubPath(mount.subPathExpr, env) : (mount.subPath ?? "");
  if (subPath !== "") checkSubPath(subPath);
  const containerPath = mountPath.startsWith("/") ? mountPath : `/${mountPath}`;
  const recursiveReadOnly = isRecursiveReadOnly(mount, inputs.supportsRecursiveReadOnly);
  const image = imageVolumes.get(name);
  if (image) return { containerPath, readonly: true, recursiveReadOnly, image, imageSubPath: subPath };
  const volume = volumes.get(name);
  if (!volume) {
    throw new Error(
      `cannot find volume ${JSON.stringify(name)} to mount into container ${JSON.stringify(container.name)}`,
    );
  }
  return {
    containerPath,
    hostPath: subPath === "" ? volume.path : await prepareSubPath(inputs, volume, mount, subPath, index),
    readonly: (mount.readOnly ?? false) || volume.readOnly,
    recursiveReadOnly,
    propagation: propagationOf(mount.mountPropagation),
  };
}

async function prepareSubPath(
  { container, podFolder, mounter }: ContainerMountInputs,
  volume: MountedVolume,
  { name }: VolumeMount,
  subPath: string,
  index: number,
): Promise<string> {
  const target = join(podFolder, "volume-subpaths", name, container.name, String(index));
  try {
    await mountSubPath(mounter, { volumePath: volume.path, subPath, target });
    return target;
  } catch (cause) {
    const where = `for volumeMount ${JSON.stringify(name)} of container ${JSON.stringify(container.name)}`;
    throw new Error(`failed to prepare subPath ${where}`, { cause });
  }
}

function expandSubPath(expression: string, env: Variables): string {
  const missing = new Set<string>();
  const expanded = expand(expression, (name) => {
    const value = env[name];
    if (!value) missing.add(name);
    return value ?? "";
  });
  if (missing.size > 0) throw new Error(`missing value for ${[...missing].sort().join(", ")}`);
  return expanded;
}

function propagationOf(mode: string | undefined): CriMount["propagation"] {
  if (mode === undefined || mode === "None") return "PROPAGATION_PRIVATE";
  if (mode === "HostToContainer") return "PROPAGATION_HOST_TO_CONTAINER";
  if (mode === "Bidirectional") return "PROPAGATION_BIDIRECTIONAL";
  throw new Error(`invalid MountPropagation mode: ${JSON.stringify(mode)}`);
}

/** Whether a mount is (and must be) read-only all the way down. */
export function isRecursiveReadOnly(mount: VolumeMount, isSupported: boolean): boolean {
  const { recursiveReadOnly: mode = "Disabled", readOnly, mountPropagation } = mount;
  if (mode === "Disabled") return false;
  const usable = readOnly === true && (mountPropagation === undefined || mountPropagation === "None");
  if (mode === "IfPossible") return usable && isSupported;
  if (!usable) {
    throw new Error(`volume ${JSON.stringify(mount.name)} requested recursive read-only mode, but it is not read-only`);
  }
  if (!isSupported) {
    throw new Error(
      `volume ${JSON.stringify(mount.name)} requested recursive read-only mode, but it is not supported by the runtime`,
    );
  }
  return true;
}

async function makeHostsMount(inputs: ContainerMountInputs): Promise<CriMount> {
  const { pod, podFolder, podIPs, hostname } = inputs;
  await mkdir(podFolder, { recursive: true, mode: 0o750 });
  const hostPath = join(podFolder, "etc-hosts");
  const content = pod.spec.hostNetwork
    ? hostNetworkHostsFile(await readFile("/etc/hosts", "utf8"), pod.spec.hostAliases)
    : podHostsFile(podIPs, hostname, pod.spec.hostAliases);
  await writeFile(hostPath, content, { mode: 0o644 });
  await chmod(hostPath, 0o644);
  return { hostPath, containerPath: "/etc/hosts", selinuxRelabel: true };
}
