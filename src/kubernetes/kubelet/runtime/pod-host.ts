// The contract between the container runtime's side of a pod and the rest of the node: what containers need to be made.

import type { Container, Secret } from "#kubernetes/api";
import type { CriMessage } from "../cri/protocol.ts";
import type { Variables } from "../env/expand.ts";
import type { BoundPod } from "../pod/bound-pod.ts";
import type { CriMount } from "./container-config.ts";

/** All methods throw what is shown as the reason why a sandbox or container can't be made. */
export interface PodHost {
  sandboxConfig(pod: BoundPod, attempt: number): Promise<CriMessage<"PodSandboxConfig">>;
  /** By the pod's runtime class; "" is the runtime's default. */
  runtimeHandler(pod: BoundPod): Promise<string>;
  environment(pod: BoundPod, container: Container, podIPs: readonly string[]): Promise<Variables>;
  /** The container's volumes, its hosts file, its devices. */
  mounts(pod: BoundPod, container: Container, podIPs: readonly string[], env: Variables): Promise<ContainerMounts>;
  /** Of the pod's imagePullSecrets those that exist. */
  pullSecrets(pod: BoundPod): Promise<readonly Secret[]>;
  /** A folder for the container's own files. */
  containerFolder(pod: BoundPod, containerName: string): string;
}

export interface ContainerMounts {
  readonly mounts: readonly CriMount[];
  readonly devices: readonly CriMessage<"Device">[];
  /** Called when the container was made, or could not be. */
  release(): Promise<void>;
}
