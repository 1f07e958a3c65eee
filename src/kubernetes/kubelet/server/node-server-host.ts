// What the kubelet's server shows of a real node, and does on it: through the container runtime.

import type { Pod } from "#kubernetes/api";
import type { Clock } from "#shared";
import type { CriClient } from "../cri/cri-client.ts";
import { readLog } from "../logs/read-log.ts";
import { readDiskUsage, type UsageReader } from "../node/usage.ts";
import { findContainer, toBoundPod } from "../pod/bound-pod.ts";
import type { PodWorkers } from "../pods/pod-workers.ts";
import { containerNameLabel, podUidLabel } from "../runtime/container-annotations.ts";
import { ExitError, execInContainer } from "../runtime/exec-in-container.ts";
import type { StatusKeeper } from "../status/status-keeper.ts";
import { chooseRun } from "./container-logs.ts";
import { ServerError, type ServerHost } from "./host.ts";
import { cadvisorMetrics, type MachineSize, resourceMetrics } from "./resource-metrics.ts";
import { type SummaryInputs, statsSummary } from "./stats-summary.ts";

export interface NodeServerHostOptions {
  readonly nodeName: string;
  readonly rootFolder: string;
  readonly cri: CriClient;
  readonly clock: Clock;
  readonly workers: PodWorkers;
  readonly statuses: StatusKeeper;
  readonly usage: UsageReader;
  /** The node's pods as the API server has them. */
  pods(): readonly Pod[];
  problem(): string | undefined;
  /** Prometheus text of the kubelet's own metrics. */
  metrics(): Promise<string>;
  readonly machine: MachineSize;
  /** The kubelet's configuration, for /configz. */
  readonly configuration: object;
}

export function createNodeServerHost(options: NodeServerHostOptions): ServerHost {
  const { cri, clock, workers, statuses } = options;
  const startedAt = clock.now();

  const withStatus = (pod: Pod): Pod => {
    const status = statuses.get(pod.metadata.uid ?? "");
    return status ? { ...pod, status } : pod;
  };

  const findPod = (namespace: string, name: string) =>
    options.pods().find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);

  const runningId = async (pod: Pod, container: string): Promise<string> => {
    const labelSelector = { [podUidLabel]: pod.metadata.uid ?? "", [containerNameLabel]: container };
    const filter = { labelSelector, state: { state: "CONTAINER_RUNNING" } } as const;
    const { containers } = await cri.call("ListContainers", { filter });
    const [found] = containers.toSorted((a, b) => b.createdAt - a.createdAt);
    if (!found) throw new ServerError(500, `container not found (${JSON.stringify(container)})`);
    return found.id;
  };

  const isRunning = async (containerId: string): Promise<boolean> => {
    const { status } = await cri.call("ContainerStatus", { containerId }).catch(() => ({ status: undefined }));
    return status?.state === "CONTAINER_RUNNING";
  };

  const summaryInputs = async (): Promise<SummaryInputs> => {
    const starts = new Map<string, number>();
    for (const { observed } of workers.all()) {
      for (const { id, startedAt: time } of observed.containers) if (time !== undefined) starts.set(id, time);
    }
    const [node, disk, pods] = await Promise.all([
      options.usage.node(),
      readDiskUsage(options.rootFolder),
      options.usage.pods(),
    ]);
    const { nodeName } = options;
    return { nodeName, nodeStartedAt: startedAt, node, disk, pods, startedAt: (id) => starts.get(id) };
  };

  return {
    pods: () => options.pods().map(withStatus),
    findPod: (namespace, name) => {
      const pod = findPod(namespace, name);
      return pod && withStatus(pod);
    },
    async logs(pod, request, signal) {
      if (!findContainer(toBoundPod(pod).spec, request.container)) {
        const where = `container ${JSON.stringify(request.container)} not found in pod`;
        throw new ServerError(404, `${where} ${JSON.stringify(pod.metadata.name)}`);
      }
      const run = chooseRun(pod, request.container, request.previous);
      const containerId = run.slice(run.indexOf("://") + 3);
      const { status } = await cri.call("ContainerStatus", { containerId }).catch(() => {
        throw new ServerError(400, `unable to retrieve container logs for ${run}`);
      });
      const { tailLines, limitBytes, sinceMs, stream, timestamps, follow } = request;
      return readLog(status?.logPath ?? "", {
        timestamps,
        signal,
        ...(tailLines !== undefined && { tailLines }),
        ...(limitBytes !== undefined && { limitBytes }),
        ...(sinceMs !== undefined && { sinceMs }),
        ...(stream && { stream }),
        ...(follow && { follow: { isRunning: () => isRunning(containerId) } }),
      });
    },
    async run(pod, container, command) {
      try {
        return await execInContainer(cri, await runningId(pod, container), command, 0);
      } catch (error) {
        if (error instanceof ExitError) throw new ServerError(500, error.message);
        throw error;
      }
    },
    async exec(pod, container, command, streams) {
      const request = { containerId: await runningId(pod, container), cmd: command, ...streams };
      const { url } = await cri.call("Exec", request);
      return new URL(url);
    },
    async attach(pod, container, streams) {
      // The terminal is the container's, whatever the client thinks.
      const tty = findContainer(toBoundPod(pod).spec, container)?.container.tty ?? false;
      const containerId = await runningId(pod, container);
      const request = { containerId, ...streams, tty, stderr: streams.stderr && !tty };
      const { url } = await cri.call("Attach", request);
      return { url: new URL(url), tty };
    },
    async portForward(pod, ports) {
      const { name, namespace, uid = "" } = pod.metadata;
      const filter = { labelSelector: { [podUidLabel]: uid }, state: { state: "SANDBOX_READY" } } as const;
      const { items } = await cri.call("ListPodSandbox", { filter });
      const [sandbox] = items.toSorted((a, b) => b.createdAt - a.createdAt);
      if (!sandbox) throw new ServerError(500, `pod not found (${JSON.stringify(`${name}_${namespace}`)})`);
      const { url } = await cri.call("PortForward", { podSandboxId: sandbox.id, port: ports });
      return new URL(url);
    },
    problem: options.problem,
    async page(path) {
      if (path === "/metrics") return text(await options.metrics());
      if (path === "/metrics/resource") return text(resourceMetrics(await summaryInputs()));
      if (path === "/metrics/cadvisor") return text(cadvisorMetrics(await summaryInputs(), options.machine));
      if (path === "/stats/summary") return json(statsSummary(await summaryInputs()));
      if (path === "/configz") return json({ kubeletconfig: options.configuration });
      if (path === "/runningpods" || path === "/runningpods/") return json(await runningPods(cri));
      return undefined;
    },
  };
}

async function runningPods(cri: CriClient): Promise<object> {
  const { items } = await cri.call("ListPodSandbox", { filter: { state: { state: "SANDBOX_READY" } } });
  const pods = items.map(({ metadata }) => ({
    metadata: { name: metadata?.name, namespace: metadata?.namespace, uid: metadata?.uid },
    spec: { containers: [] },
    status: {},
  }));
  return { kind: "PodList", apiVersion: "v1", metadata: {}, items: pods };
}

function text(body: string): { contentType: string; body: string } {
  return { contentType: "text/plain; version=0.0.4; charset=utf-8", body };
}

function json(value: object): { contentType: string; body: string } {
  return { contentType: "application/json", body: JSON.stringify(value) };
}
