// Runs a postStart or preStop hook: a command, an HTTP request, or a wait.

import type { Container, LifecycleHandler } from "#kubernetes/api";
import { type Clock, describeError } from "#shared";
import type { CriClient } from "../cri/cri-client.ts";
import { type BoundPod, describePod } from "../pod/bound-pod.ts";
import { makeHttpGet, sendHttpGet } from "../probes/http-get.ts";
import { ExitError, execInContainer } from "./exec-in-container.ts";

export interface HookTarget {
  readonly pod: BoundPod;
  readonly container: Container;
  readonly containerId: string;
  /** Where HTTP requests go that name no host. */
  readonly podIP: string | undefined;
}

export interface HookTools {
  readonly cri: CriClient;
  readonly clock: Clock;
}

/** A hook's HTTP request may take as long as upstream's client waits. */
const httpTimeoutMs = 120_000;

/** Resolves when the hook has ended well. Throws with upstream's message; that may hold secrets, so it is no event. */
export async function runHook(
  handler: LifecycleHandler,
  target: HookTarget,
  { cri, clock }: HookTools,
  signal?: AbortSignal,
): Promise<void> {
  const { pod, container, containerId } = target;
  const where = `for Container ${JSON.stringify(container.name)} in Pod ${JSON.stringify(describePod(pod))} failed`;
  if (handler.exec) {
    const command = handler.exec.command ?? [];
    try {
      await execInContainer(cri, containerId, command, 0, signal);
    } catch (error) {
      const output = error instanceof ExitError ? error.output.toString("utf8") : "";
      throw new Error(
        `Exec lifecycle hook ([${command.join(" ")}]) ${where} - error: ${describeError(error)}, message: ${JSON.stringify(output)}`,
      );
    }
  } else if (handler.httpGet) {
    try {
      const ip = handler.httpGet.host || target.podIP;
      if (!ip) throw new Error("failed to find networking container");
      await sendWithFallback(handler, container, ip, signal);
    } catch (error) {
      throw new Error(`HTTP lifecycle hook (${handler.httpGet.path ?? ""}) ${where} - error: ${describeError(error)}`);
    }
  } else if (handler.sleep) {
    await clock.sleep(handler.sleep.seconds * 1000, signal);
  } else {
    throw new Error("Cannot run handler: invalid handler");
  }
}

/** A server that speaks plain HTTP is asked again in plain HTTP, as upstream does for the sake of old hooks. */
async function sendWithFallback(
  { httpGet }: LifecycleHandler,
  container: Container,
  podIP: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const get = makeHttpGet(httpGet!, container, podIP, "lifecycle");
  try {
    await sendHttpGet(get, httpTimeoutMs, signal);
  } catch (error) {
    if (!describeError(error).includes("server gave HTTP response to HTTPS client")) throw error;
    const url = new URL(get.url);
    url.protocol = "http:";
    await sendHttpGet({ url, headers: get.headers }, httpTimeoutMs, signal);
  }
}
