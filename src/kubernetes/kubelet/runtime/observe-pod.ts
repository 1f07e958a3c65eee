// Looks at the container runtime: every pod briefly, or one pod in full. Reads only.

import { isGrpcNotFound } from "#grpc";
import type { CriClient } from "../cri/cri-client.ts";
import type { CriAnswer, CriEnum } from "../cri/protocol.ts";
import {
  containerNameLabel,
  podNameLabel,
  podNamespaceLabel,
  podUidLabel,
  type RecordedContainer,
  readContainerAnnotations,
} from "./container-annotations.ts";
import type { ObservedContainer, ObservedPod, ObservedResources, ObservedSandbox } from "./observed.ts";
import { readTerminationMessage } from "./termination-message.ts";

/** A pod in a listing: which sandboxes and containers it has, and how they are. */
export interface PodListing {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  readonly sandboxes: readonly CriAnswer<"PodSandbox">[];
  readonly containers: readonly CriAnswer<"Container">[];
}

/** Every pod the runtime has anything of, by uid; the newest of everything first. `uid` narrows it to one. */
export async function listPods(cri: CriClient, uid?: string, signal?: AbortSignal): Promise<Map<string, PodListing>> {
  const filter = uid === undefined ? {} : { labelSelector: { [podUidLabel]: uid } };
  const [{ items }, { containers }] = await Promise.all([
    cri.call("ListPodSandbox", { filter }, { signal }),
    cri.call("ListContainers", { filter }, { signal }),
  ]);
  const pods = new Map<string, Mutable>();
  for (const sandbox of items.toSorted(newestSandboxFirst)) {
    const { metadata } = sandbox;
    if (metadata) podIn(pods, metadata.uid, metadata.name, metadata.namespace).sandboxes.push(sandbox);
  }
  for (const container of containers.toSorted((a, b) => b.createdAt - a.createdAt || compare(a.id, b.id))) {
    const { labels } = container;
    const owner = labels[podUidLabel];
    if (owner === undefined) continue;
    podIn(pods, owner, labels[podNameLabel] ?? "", labels[podNamespaceLabel] ?? "").containers.push(container);
  }
  return pods;
}

/** Everything about one pod. What vanishes between listing and looking is left out, as if it had not been listed. */
export async function observePod(cri: CriClient, runtimeName: string, listing: PodListing): Promise<ObservedPod> {
  const [sandboxes, containers] = await Promise.all([
    Promise.all(listing.sandboxes.map((sandbox) => observeSandbox(cri, sandbox))),
    Promise.all(listing.containers.map((container) => observeContainer(cri, runtimeName, container))),
  ]);
  const present = sandboxes.filter((sandbox) => sandbox !== undefined);
  const newest = present[0];
  const ips = newest?.ready ? [newest.ip ?? "", ...newest.additionalIps].filter((ip) => ip !== "") : [];
  const { uid, name, namespace } = listing;
  return { uid, name, namespace, sandboxes: present, containers: containers.filter((c) => c !== undefined), ips };
}

interface Mutable extends PodListing {
  readonly sandboxes: CriAnswer<"PodSandbox">[];
  readonly containers: CriAnswer<"Container">[];
}

function podIn(pods: Map<string, Mutable>, uid: string, name: string, namespace: string): Mutable {
  let pod = pods.get(uid);
  if (!pod) {
    pod = { uid, name, namespace, sandboxes: [], containers: [] };
    pods.set(uid, pod);
  }
  return pod;
}

function newestSandboxFirst(a: CriAnswer<"PodSandbox">, b: CriAnswer<"PodSandbox">): number {
  const byAttempt = (b.metadata?.attempt ?? 0) - (a.metadata?.attempt ?? 0);
  return byAttempt || b.createdAt - a.createdAt || compare(a.id, b.id);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

async function observeSandbox(cri: CriClient, { id }: CriAnswer<"PodSandbox">): Promise<ObservedSandbox | undefined> {
  const status = (await ifPresent(cri.call("PodSandboxStatus", { podSandboxId: id })))?.status;
  if (!status) return undefined;
  const { network } = status;
  return {
    id,
    ready: status.state === "SANDBOX_READY",
    attempt: status.metadata?.attempt ?? 0,
    createdAt: toMs(status.createdAt),
    hostNetwork: status.linux?.namespaces?.options?.network === "NODE",
    ...(network && { ip: network.ip }),
    additionalIps: network?.additionalIps.map(({ ip }) => ip) ?? [],
  };
}

async function observeContainer(
  cri: CriClient,
  runtimeName: string,
  { id, podSandboxId }: CriAnswer<"Container">,
): Promise<ObservedContainer | undefined> {
  const status = (await ifPresent(cri.call("ContainerStatus", { containerId: id })))?.status;
  return status && readContainerStatus(status, runtimeName, podSandboxId);
}

/** A container's status in the kubelet's terms, with its last words if it has ended. */
async function readContainerStatus(
  status: CriAnswer<"ContainerStatus">,
  runtimeName: string,
  sandboxId: string,
): Promise<ObservedContainer> {
  const recorded = readContainerAnnotations(status.annotations);
  const state = states[status.state];
  const user = status.user?.linux;
  const resources = readResources(status.resources?.linux);
  return {
    id: status.id,
    containerID: `${runtimeName}://${status.id}`,
    name: status.labels[containerNameLabel] ?? status.metadata?.name ?? "",
    sandboxId,
    state,
    image: status.image?.image ?? "",
    imageRef: status.imageRef,
    hash: recorded.hash,
    restartCount: recorded.restartCount,
    createdAt: toMs(status.createdAt),
    ...(state !== "created" && { startedAt: toMs(status.startedAt) }),
    ...(state === "exited" && { finishedAt: toMs(status.finishedAt) }),
    exitCode: status.exitCode,
    reason: state === "exited" ? status.reason : "",
    message: state === "exited" ? await lastWords(status, recorded) : "",
    logPath: status.logPath,
    ...(resources && { resources }),
    ...(user && { user }),
  };
}

const states: Readonly<Record<CriEnum<"ContainerState">, ObservedContainer["state"]>> = {
  CONTAINER_CREATED: "created",
  CONTAINER_RUNNING: "running",
  CONTAINER_EXITED: "exited",
  CONTAINER_UNKNOWN: "unknown",
};

async function lastWords(status: CriAnswer<"ContainerStatus">, recorded: RecordedContainer): Promise<string> {
  const { terminationMessagePath: path, fallsBackToLogs } = recorded;
  const mount = path === "" ? undefined : status.mounts.find(({ containerPath }) => containerPath === path);
  const text = await readTerminationMessage({
    hostPath: mount?.hostPath,
    logPath: status.logPath,
    fallsBackToLogs: fallsBackToLogs && status.exitCode !== 0 && status.reason !== "ContainerCannotRun",
  });
  return [status.message, text].filter((part) => part !== "").join(": ");
}

function readResources(linux: CriAnswer<"LinuxContainerResources"> | undefined): ObservedResources | undefined {
  if (!linux) return undefined;
  const { cpuShares, cpuQuota, cpuPeriod, memoryLimitInBytes } = linux;
  const request = Math.ceil((cpuShares * 1000) / 1024);
  const limit = cpuPeriod > 0 && cpuQuota > 0 ? Math.floor((cpuQuota * 1000) / cpuPeriod) : 0;
  const resources = {
    ...(request > 0 && { cpuRequestMilli: request }),
    ...(limit > 0 && { cpuLimitMilli: limit }),
    ...(memoryLimitInBytes > 0 && { memoryLimitBytes: memoryLimitInBytes }),
  };
  return Object.keys(resources).length > 0 ? resources : undefined;
}

async function ifPresent<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isGrpcNotFound(error)) return undefined;
    throw error;
  }
}

function toMs(nanoseconds: number): number {
  return nanoseconds / 1_000_000;
}
