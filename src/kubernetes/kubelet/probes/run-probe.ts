// Carries out one probe of a container, of whichever kind its spec says, trying again where it could not be carried out.

import type { Container, Probe } from "#kubernetes/api";
import { describeError } from "#shared";
import type { CriClient } from "../cri/cri-client.ts";
import { expandAll } from "../env/expand.ts";
import { type BoundPod, describePod } from "../pod/bound-pod.ts";
import type { PodEvents } from "../pod-events.ts";
import { resolvePort } from "./container-port.ts";
import { probeExec } from "./exec-probe.ts";
import { probeGrpc } from "./grpc-probe.ts";
import { makeHttpGet } from "./http-get.ts";
import { probeHttp } from "./http-probe.ts";
import type { ProbeResult } from "./probe-result.ts";
import { probeTcp } from "./tcp-probe.ts";
import type { ProbeType } from "./verdict-store.ts";

export interface ProbeTarget {
  readonly pod: BoundPod;
  readonly container: Container;
  readonly type: ProbeType;
  readonly probe: Probe;
  /** The runtime's id. */
  readonly containerId: string;
  readonly podIP: string;
}

export interface ProbeTools {
  readonly cri: CriClient;
  readonly events: PodEvents;
}

const tries = 3;

/**
 * Whether the container is well. Undefined where nobody could tell: then nothing is concluded. Failures and warnings become
 * events.
 */
export async function runProbe(
  target: ProbeTarget,
  { cri, events }: ProbeTools,
  signal: AbortSignal,
): Promise<"success" | "failure" | undefined> {
  const { pod, container, type } = target;
  const label = type[0]!.toUpperCase() + type.slice(1);
  const record = (reason: string, message: string) =>
    events.container(pod, container, { type: "Warning", reason, message: `${label} probe ${message}` });
  let result: ProbeResult;
  try {
    result = await withRetries(() => probeOnce(target, cri, signal));
  } catch (error) {
    if (!signal.aborted) record("Unhealthy", `errored and resulted in unknown state: ${describeError(error)}`);
    return undefined;
  }
  if (signal.aborted) return undefined;
  if (result.result === "warning") record("ProbeWarning", `warning: ${result.output}`);
  if (result.result === "failure") record("Unhealthy", `failed: ${result.output}`);
  return result.result === "success" || result.result === "warning" ? "success" : "failure";
}

async function withRetries<T>(attempt: () => Promise<T>): Promise<T> {
  for (let left = tries; ; left--) {
    try {
      return await attempt();
    } catch (error) {
      if (left === 1) throw error;
    }
  }
}

async function probeOnce(target: ProbeTarget, cri: CriClient, signal: AbortSignal): Promise<ProbeResult> {
  const { container, probe, podIP } = target;
  const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000;
  if (probe.exec) {
    const variables = Object.fromEntries((container.env ?? []).map(({ name, value }) => [name, value ?? ""]));
    const command = expandAll(probe.exec.command, variables);
    return probeExec(cri, target.containerId, command, timeoutMs, signal);
  }
  if (probe.httpGet) return probeHttp(makeHttpGet(probe.httpGet, container, podIP, "probe"), timeoutMs, signal);
  if (probe.tcpSocket) {
    const { host, port } = probe.tcpSocket;
    return probeTcp(host || podIP, resolvePort(port, container), timeoutMs);
  }
  if (probe.grpc) return probeGrpc(podIP, probe.grpc.port, probe.grpc.service ?? "", timeoutMs);
  throw new Error(`missing probe handler for ${describePod(target.pod)}:${container.name}`);
}
