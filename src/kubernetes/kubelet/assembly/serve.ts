// The kubelet's server for a real node.

import { cpus } from "node:os";
import { defaultImageGc } from "../images/image-gc.ts";
import { defaultLogRotation } from "../logs/rotate-logs.ts";
import { defaultEviction } from "../node/node-state.ts";
import type { UsageReader } from "../node/usage.ts";
import type { KubeletServerOptions } from "../options.ts";
import type { PodWorkers } from "../pods/pod-workers.ts";
import { createAccess } from "../server/access.ts";
import { type KubeletServer, startKubeletServer } from "../server/kubelet-server.ts";
import { createNodeServerHost } from "../server/node-server-host.ts";
import type { StatusKeeper } from "../status/status-keeper.ts";
import type { KubeletBase } from "./base.ts";
import { podsInformer } from "./informers.ts";

export interface ServedParts {
  readonly workers: PodWorkers;
  readonly statuses: StatusKeeper;
  readonly usage: UsageReader;
}

export function serveNode(base: KubeletBase, server: KubeletServerOptions, parts: ServedParts): Promise<KubeletServer> {
  const { options, clock, logger, cri, state, metrics } = base;
  const { client, nodeName, rootFolder } = options;
  const pods = podsInformer(base);
  const host = createNodeServerHost({
    ...parts,
    nodeName,
    rootFolder,
    cri,
    clock,
    pods: () => pods.list(),
    problem: () => state.health().runtimeProblem,
    metrics: () => metrics.text(),
    machine: { cpuCores: cpus().length, memoryBytes: base.machine.memoryBytes },
    configuration: kubeletConfiguration(base),
  });
  const access = createAccess({ client, clock, nodeName, anonymous: server.anonymous ?? false });
  return startKubeletServer({ options: server, access, host, clock, logger });
}

/** As upstream's /configz shows it: what this kubelet goes by. */
function kubeletConfiguration({ options }: KubeletBase): object {
  const eviction = { ...defaultEviction, ...options.eviction };
  const images = { ...defaultImageGc, ...options.imageGc };
  const logs = { ...defaultLogRotation, ...options.logRotation };
  return {
    enableServer: options.server !== undefined,
    port: options.server?.port ?? 10250,
    address: options.server?.host ?? "0.0.0.0",
    authentication: { anonymous: { enabled: options.server?.anonymous ?? false }, webhook: { enabled: true } },
    authorization: { mode: "Webhook" },
    clusterDomain: options.clusterDomain ?? "cluster.local",
    clusterDNS: [...(options.clusterDns ?? [])],
    resolvConf: options.resolverConfig ?? "/etc/resolv.conf",
    cgroupDriver: "cgroupfs",
    cgroupRoot: options.cgroupRoot ?? "/",
    cgroupsPerQOS: true,
    maxPods: options.maxPods ?? 110,
    nodeLeaseDurationSeconds: 40,
    nodeStatusUpdateFrequency: "10s",
    nodeStatusReportFrequency: "5m0s",
    imageGCHighThresholdPercent: images.highPercent,
    imageGCLowThresholdPercent: images.lowPercent,
    imageMinimumGCAge: `${images.minimumAgeSeconds}s`,
    containerLogMaxSize: `${logs.maxBytes}`,
    containerLogMaxFiles: logs.maxFiles,
    evictionHard: {
      "memory.available": eviction.memoryAvailable,
      "nodefs.available": eviction.nodeDiskAvailable,
      "nodefs.inodesFree": eviction.nodeInodesFree,
      "imagefs.available": eviction.imageDiskAvailable,
    },
    providerID: options.providerID ?? "",
    containerRuntimeEndpoint: `unix://${options.runtimeSocket}`,
  };
}
