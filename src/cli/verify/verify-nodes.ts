// Tests every node by using it: makes a namespace with test pods, reads what they say, and takes it all away again.

import { randomBytes } from "node:crypto";
import { type Pod, resources } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import { describeError } from "#shared";
import {
  type CheckResults,
  createAsker,
  createServer,
  createService,
  failedResults,
  readResults,
  type TestPodOptions,
} from "./test-pods.ts";

export interface VerifyOptions {
  readonly nodes: readonly string[];
  readonly image: string;
  readonly dnsDomain: string;
  readonly signal: AbortSignal;
  /** How long pods may take to start and to end. Default: 60 s. */
  readonly timeoutMs?: number;
}

/** The results by node. */
export async function verifyNodes(client: Client, options: VerifyOptions): Promise<ReadonlyMap<string, CheckResults>> {
  const { nodes, image, dnsDomain, signal, timeoutMs = 60_000 } = options;
  const namespace = `slipway-verify-${randomBytes(3).toString("hex")}`;
  const podOptions: TestPodOptions = { namespace, image, dnsDomain };
  await client.create(resources.namespaces, { metadata: { name: namespace } }, { signal });
  try {
    const session = new Session(client, podOptions, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]));
    const results = await session.run(nodes);
    signal.throwIfAborted();
    return results;
  } finally {
    await client.delete(resources.namespaces, { name: namespace }).catch(() => {});
  }
}

class Session {
  readonly #client: Client;
  readonly #options: TestPodOptions;
  readonly #signal: AbortSignal;

  constructor(client: Client, options: TestPodOptions, signal: AbortSignal) {
    this.#client = client;
    this.#options = options;
    this.#signal = signal;
  }

  async run(nodes: readonly string[]): Promise<ReadonlyMap<string, CheckResults>> {
    const service = await this.#client.create(resources.services, createService(this.#options), {
      signal: this.#signal,
    });
    const started = await Promise.all(nodes.map((node) => this.#startServer(node)));
    const servers = new Map(
      started.flatMap(({ node, address }) => (address === undefined ? [] : [[node, address] as const])),
    );
    const targets = { servers, serviceAddress: service.spec?.clusterIP ?? "" };
    const results = await Promise.all(
      started.map(async ({ node, address, problem }) => {
        const result = address === undefined ? failedResults(problem ?? "no address") : await this.#ask(node, targets);
        return [node, result] as const;
      }),
    );
    return new Map(results);
  }

  async #startServer(node: string): Promise<{ node: string; address?: string; problem?: string }> {
    try {
      await this.#create(createServer(node, this.#options));
      const pod = await this.#waitFor(`server-${node}`, isReady);
      return { node, ...(pod.status?.podIP !== undefined && { address: pod.status.podIP }) };
    } catch (error) {
      return { node, problem: describeError(error) };
    }
  }

  async #ask(node: string, targets: Parameters<typeof createAsker>[1]): Promise<CheckResults> {
    try {
      await this.#create(createAsker(node, targets, this.#options));
      await this.#waitFor(`asker-${node}`, hasEnded);
      return readResults(await this.#readLog(`asker-${node}`));
    } catch (error) {
      return { ...readResults(""), logs: describeError(error) };
    }
  }

  /** The namespace's service account may be a moment behind the namespace. */
  async #create(pod: Pod): Promise<void> {
    for (;;) {
      try {
        await this.#client.create(resources.pods, structuredClone(pod), { signal: this.#signal });
        return;
      } catch (error) {
        if (!/serviceaccount "default" not found/.test(describeError(error))) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  async #waitFor(name: string, isSo: (pod: Pod) => boolean): Promise<Pod> {
    const { namespace } = this.#options;
    const scope = { namespace, fieldSelector: `metadata.name=${name}`, signal: this.#signal };
    let last: Pod | undefined;
    while (!this.#signal.aborted) {
      const list = await this.#client.list(resources.pods, scope);
      last = list.items[0];
      if (last && isSo(last)) return last;
      for await (const events of this.#client.watch(resources.pods, {
        ...scope,
        resourceVersion: list.resourceVersion,
      })) {
        for (const { type, object } of events) if (type === "ADDED" || type === "MODIFIED") last = object;
        if (last && isSo(last)) return last;
      }
    }
    throw new Error(last ? describePod(last) : "pod does not appear");
  }

  async #readLog(name: string): Promise<string> {
    const path = `/api/v1/namespaces/${this.#options.namespace}/pods/${name}/log`;
    const answer = await this.#client.raw({ method: "GET", path, signal: this.#signal });
    if (answer.kind !== "bytes") throw new Error("the log is no text");
    const chunks: Uint8Array[] = [];
    if (answer.body instanceof Uint8Array) chunks.push(answer.body);
    else for await (const chunk of answer.body) chunks.push(chunk);
    return Buffer.concat(chunks).toString("utf8");
  }
}

function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True") ?? false;
}

function hasEnded({ status }: Pod): boolean {
  return status?.phase === "Succeeded" || status?.phase === "Failed";
}

/** Why a pod is not where it should be: the reason its containers wait for, else its phase. */
function describePod({ status }: Pod): string {
  const states = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const waiting = states.map(({ state }) => state?.waiting).find((state) => state?.reason !== undefined);
  return waiting
    ? [waiting.reason, waiting.message].filter(Boolean).join(": ")
    : `pod stays ${status?.phase ?? "unknown"}`;
}
