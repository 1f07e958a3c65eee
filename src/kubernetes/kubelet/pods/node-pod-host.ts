// Everything a pod's containers need from their node, put together: names, network, variables, volumes, credentials.

import { readFile, realpath } from "node:fs/promises";
import { join } from "node:path";
import type { Secret, Service } from "#kubernetes/api";
import type { CriMessage } from "../cri/protocol.ts";
import { makeEnvironment } from "../env/make-env.ts";
import type { ImagePuller } from "../images/image-puller.ts";
import { type DnsSettings, parseResolvConf, podDnsConfig } from "../network/dns-config.ts";
import { podHostname } from "../network/pod-hostname.ts";
import type { WatchedObjects } from "../objects/watched-objects.ts";
import type { BoundPod } from "../pod/bound-pod.ts";
import type { ResourceList } from "../pod/resources.ts";
import type { PodEvents } from "../pod-events.ts";
import type { PodCgroups } from "../runtime/pod-cgroups.ts";
import type { PodHost } from "../runtime/pod-host.ts";
import type { RuntimeClasses } from "../runtime/runtime-classes.ts";
import { sandboxConfig } from "../runtime/sandbox-config.ts";
import { sortByFamily } from "../status/pod-status.ts";
import { containerDevices, containerMounts } from "../volumes/container-mounts.ts";
import type { Mounter } from "../volumes/mounter.ts";
import { resolveInside } from "../volumes/subpath.ts";
import type { VolumeManager } from "../volumes/volume-manager.ts";

export interface NodePodHostOptions {
  readonly rootFolder: string;
  readonly podLogsFolder: string;
  readonly dns: DnsSettings;
  readonly resolverConfig: string;
  readonly events: PodEvents;
  readonly cgroups: PodCgroups;
  readonly runtimeClasses: RuntimeClasses;
  readonly objects: WatchedObjects;
  readonly volumes: VolumeManager;
  readonly mounter: Mounter;
  readonly images: ImagePuller;
  /** All services, and whether they are known yet. */
  services(): readonly Service[] | undefined;
  hostIPs(): readonly string[];
  allocatable(): ResourceList;
  supportsRecursiveReadOnly(pod: BoundPod): boolean;
}

export function createNodePodHost(options: NodePodHostOptions): PodHost {
  const { rootFolder, dns, events, objects, volumes } = options;
  const podFolder = (pod: BoundPod) => join(rootFolder, "pods", pod.metadata.uid);
  const hostnameOf = (pod: BoundPod) => podHostname(pod, dns.clusterDomain);

  const makeSandboxConfig = async (pod: BoundPod, attempt: number): Promise<CriMessage<"PodSandboxConfig">> => {
    const node = parseResolvConf(await readFile(options.resolverConfig, "utf8"));
    const { config, warnings } = podDnsConfig(pod, node, dns);
    for (const { reason, message } of warnings) events.pod(pod, "Warning", reason, message);
    return sandboxConfig(pod, attempt, {
      podLogsFolder: options.podLogsFolder,
      cgroupParent: options.cgroups.parentOf(pod),
      hostname: hostnameOf(pod),
      dns: config,
    });
  };

  /** The images that volumes stand for, pulled as containers' images are. */
  const imageVolumes = async (pod: BoundPod): Promise<Map<string, CriMessage<"ImageSpec">>> => {
    const images = new Map<string, CriMessage<"ImageSpec">>();
    for (const { name, image } of pod.spec.volumes ?? []) {
      if (!image) continue;
      const ref = await options.images.ensure({
        image: image.reference ?? "",
        pullPolicy: image.pullPolicy,
        podUid: pod.metadata.uid,
        annotations: pod.metadata.annotations ?? {},
        sandboxConfig: await makeSandboxConfig(pod, 0),
        secrets: () => pullSecrets(pod),
        event: (type, reason, message) => events.pod(pod, type, reason, message),
      });
      images.set(name, {
        image: ref,
        userSpecifiedImage: image.reference,
        annotations: pod.metadata.annotations ?? {},
      });
    }
    return images;
  };

  const pullSecrets = async (pod: BoundPod): Promise<Secret[]> => {
    const names = (pod.spec.imagePullSecrets ?? []).flatMap(({ name }) => (name ? [name] : []));
    const found = await Promise.all(
      names.map((name) => objects.secret(pod.metadata.namespace, name).catch(() => undefined)),
    );
    const missing = names.filter((_, index) => !found[index]);
    if (missing.length > 0) {
      const message = `Unable to retrieve some image pull secrets (${missing.join(", ")}); attempting to pull the image may not succeed.`;
      events.pod(pod, "Warning", "FailedToRetrieveImagePullSecret", message);
    }
    return found.filter((secret) => secret !== undefined);
  };

  return {
    sandboxConfig: makeSandboxConfig,
    runtimeHandler: (pod) => options.runtimeClasses.handlerOf(pod.spec.runtimeClassName),
    async environment(pod, container, podIPs) {
      const services = options.services();
      if (!services) throw new Error("services have not yet been read at least once, cannot construct envvars");
      const hostIPs = options.hostIPs();
      return makeEnvironment(pod, container, {
        configMap: (namespace, name) => objects.configMap(namespace, name),
        secret: (namespace, name) => objects.secret(namespace, name),
        services,
        addresses: { podIPs: pod.spec.hostNetwork ? hostIPs : sortByFamily(podIPs, hostIPs), hostIPs },
        allocatable: options.allocatable(),
        volumeFile: (volumeName, path) => volumeFile(volumes, pod, volumeName, path),
      });
    },
    async mounts(pod, container, podIPs, env) {
      const mounted = volumes.mounted(pod.metadata.uid);
      const mounts = await containerMounts({
        pod,
        container,
        podFolder: podFolder(pod),
        volumes: mounted,
        env,
        podIPs,
        hostname: hostnameOf(pod),
        mounter: options.mounter,
        supportsRecursiveReadOnly: options.supportsRecursiveReadOnly(pod),
        imageVolumes: await imageVolumes(pod),
      });
      return { mounts, devices: containerDevices(container, mounted), release: async () => {} };
    },
    pullSecrets,
    containerFolder: (pod, containerName) => join(podFolder(pod), "containers", containerName),
  };
}

async function volumeFile(volumes: VolumeManager, pod: BoundPod, volumeName: string, path: string): Promise<string> {
  const volume = volumes.mounted(pod.metadata.uid).get(volumeName);
  if (!volume) throw new Error(`cannot find the volume ${JSON.stringify(volumeName)} referenced by FileKeyRef`);
  return resolveInside(await realpath(volume.path), join("/", path));
}
