// Tests every node by using it: makes a namespace with test pods, reads what they say, and takes it all away again.

import { randomBytes } from "node:crypto";
import { type KubeObject, type Pod, type Resource, resources } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import { describeError } from "#shared";
import {
  type CheckResults,
  createAsker,
  createClaim,
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

const defaultClassAnnotation = "storageclass.kubernetes.io/is-default-class";
/** How long a volume may take to come; the rest of the time is the pods'. */
const claimTimeoutMs = 15_000;

interface Wish<T> {
  isSo(object: T): boolean;
  /** Why it is not so yet. */
  describe(object: T): string;
  /** Ends the wait earlier than the whole test. */
  readonly patience?: AbortSignal;
}

interface StartedServer {
  readonly node: string;
  readonly address?: string;
  readonly problem?: string;
  /** What is wrong with storage. */
  readonly storage?: string;
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
    const hasStorage = await this.#hasDefaultStorage();
    const started = await Promise.all(nodes.map((node) => this.#startServer(node, hasStorage)));
    const servers = new Map(
      started.flatMap(({ node, address }) => (address === undefined ? [] : [[node, address] as const])),
    );
    const targets = { servers, serviceAddress: service.spec?.clusterIP ?? "" };
    const results = await Promise.all(
      started.map(async ({ node, address, problem, storage }) => {
        const result = address === undefined ? failedResults(problem ?? "no address") : await this.#ask(node, targets);
        return [node, storage === undefined ? result : { ...result, storage }] as const;
      }),
    );
    return new Map(results);
  }

  async #startServer(node: string, hasStorage: boolean): Promise<StartedServer> {
    const storage = hasStorage ? await this.#claim(node) : {};
    const shown = { node, ...(storage.problem !== undefined && { storage: storage.problem }) };
    try {
      await this.#create(createServer(node, this.#options, storage.claimName));
      const pod = await this.#waitFor(resources.pods, `server-${node}`, { isSo: isReady, describe: describePod });
      return { ...shown, ...(pod.status?.podIP !== undefined && { address: pod.status.podIP }) };
    } catch (error) {
      return { ...shown, problem: describeError(error) };
    }
  }

  async #hasDefaultStorage(): Promise<boolean> {
    const { items } = await this.#client.list(resources.storageClasses, { signal: this.#signal });
    return items.some(({ metadata }) => metadata.annotations?.[defaultClassAnnotation] === "true");
  }

  /** Where no volume comes, the rest is tested without one. */
  async #claim(node: string): Promise<{ claimName?: string; problem?: string }> {
    const claim = createClaim(node, this.#options);
    const claimName = claim.metadata.name!;
    try {
      await this.#client.create(resources.persistentVolumeClaims, claim, { signal: this.#signal });
      await this.#waitFor(resources.persistentVolumeClaims, claimName, {
        isSo: ({ status }) => status?.phase === "Bound",
        describe: ({ status }) => `claim stays ${status?.phase ?? "Pending"}`,
        patience: AbortSignal.timeout(claimTimeoutMs),
      });
      return { claimName };
    } catch (error) {
      return { problem: describeError(error) };
    }
  }

  async #ask(node: string, targets: Parameters<typeof createAsker>[1]): Promise<CheckResults> {
    try {
      await this.#create(createAsker(node, targets, this.#options));
      await this.#waitFor(resources.pods, `asker-${node}`, { isSo: hasEnded, describe: describePod });
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

  async #waitFor<T extends KubeObject>(
    resource: Resource<T>,
    name: string,
    { isSo, describe, patience }: Wish<T>,
  ): Promise<T> {
    const { namespace } = this.#options;
    const signal = patience ? AbortSignal.any([this.#signal, patience]) : this.#signal;
    const scope = { namespace, fieldSelector: `metadata.name=${name}`, signal };
    let last: T | undefined;
    while (!signal.aborted) {
      const list = await this.#client.list(resource, scope);
      last = list.items[0];
      if (last && isSo(last)) return last;
      for await (const events of this.#client.watch(resource, { ...scope, resourceVersion: list.resourceVersion })) {
        for (const { type, object } of events) if (type === "ADDED" || type === "MODIFIED") last = object;
        if (last && isSo(last)) return last;
      }
    }
    throw new Error(last ? describe(last) : `${resource.kind.toLowerCase()} does not appear`);
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
