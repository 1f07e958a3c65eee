// A container runtime for tests: real CRI over a unix socket, but its containers are entries in memory that end when told to.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GrpcError, grpcCodes } from "#grpc";
import { type Clock, systemClock } from "#shared";
import type { CriAnswer, CriMessage, CriMethod } from "../cri/protocol.ts";
import { type CriHandlers, type CriServer, type EventListener, serveCri } from "./cri-server.ts";

export interface FakeSandbox {
  readonly id: string;
  readonly config: CriAnswer<"PodSandboxConfig">;
  readonly ip: string;
  readonly createdAt: number;
  ready: boolean;
}

export interface FakeContainer {
  readonly id: string;
  readonly name: string;
  readonly sandbox: FakeSandbox;
  readonly config: CriAnswer<"ContainerConfig">;
  readonly createdAt: number;
  resources: CriAnswer<"LinuxContainerResources"> | undefined;
  state: "CONTAINER_CREATED" | "CONTAINER_RUNNING" | "CONTAINER_EXITED" | "CONTAINER_UNKNOWN";
  startedAt: number;
  finishedAt: number;
  exitCode: number;
  reason: string;
}

export interface FakeRuntimeOptions {
  readonly clock?: Clock;
  /** How it tells of ended containers. Default: "cri". */
  readonly events?: "cri" | "containerd" | "none";
}

export interface RuntimeCall {
  readonly method: CriMethod;
  readonly request: object;
}

interface Exit {
  readonly reason?: string;
}

type Interceptor<M extends CriMethod> = (
  request: CriAnswer<`${M}Request`>,
  signal: AbortSignal,
) => Promise<void> | void;

/** Ends with `await using`, or stop(). */
export class FakeRuntime implements AsyncDisposable {
  readonly socket: string;
  /** Names of what is there, with the user each says to run as. Others can be pulled where `registry` has them. */
  readonly images = new Map<string, { readonly uid?: number; readonly username?: string }>([["app:1", {}]]);
  readonly registry = new Set<string>();
  readonly calls: RuntimeCall[] = [];
  readonly sandboxes: FakeSandbox[] = [];
  readonly containers: FakeContainer[] = [];
  /** What containers end with when they are stopped. */
  exitCodeOnStop = 143;
  /** What commands run in containers come to. Default: success. */
  onExec: (container: FakeContainer, command: readonly string[]) => { exitCode: number; stdout?: string } = () => ({
    exitCode: 0,
  });
  /** Where commands with streams are served. */
  execUrl = "";
  readonly #folder = mkdtempSync(join(tmpdir(), "cri-"));
  readonly #clock: Clock;
  readonly #events: NonNullable<FakeRuntimeOptions["events"]>;
  readonly #interceptors = new Map<CriMethod, Interceptor<CriMethod>>();
  readonly #criListeners = new Set<EventListener<CriMessage<"ContainerEventResponse">>>();
  readonly #exitListeners = new Set<EventListener<{ containerId: string; execId: string }>>();
  #server: CriServer | undefined;
  #count = 0;

  constructor({ clock = systemClock, events = "cri" }: FakeRuntimeOptions = {}) {
    this.socket = join(this.#folder, "cri.sock");
    this.#clock = clock;
    this.#events = events;
  }

  /** Begins to answer; also again, after it was stopped, with all it had. */
  async start(): Promise<this> {
    this.#server = await serveCri(this.socket, this.#handlers(), {
      ...(this.#events === "cri" && { containerEvents: (listener) => this.#criListeners.add(listener) }),
      ...(this.#events === "containerd" && { taskExits: (listener) => this.#exitListeners.add(listener) }),
    });
    return this;
  }

  /** Answers no more; containers go on. */
  async stop(): Promise<void> {
    await this.#server?.stop();
    this.#server = undefined;
    this.#criListeners.clear();
    this.#exitListeners.clear();
    rmSync(this.socket, { force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Called before a method does its work: to delay it, or to refuse by throwing. The answer takes it away again. */
  intercept<M extends CriMethod>(method: M, before: Interceptor<M>): () => void {
    this.#interceptors.set(method, before as Interceptor<CriMethod>);
    return () => void this.#interceptors.delete(method);
  }

  /** The requests of one method so far. */
  callsOf<M extends CriMethod>(method: M): CriAnswer<`${M}Request`>[] {
    return this.calls
      .filter((call) => call.method === method)
      .map(({ request }) => request as CriAnswer<`${M}Request`>);
  }

  /** The newest container of that name. Throws where there is none. */
  find(name: string): FakeContainer {
    const found = this.containers.findLast((container) => container.name === name);
    if (!found) throw new Error(`the runtime has no container ${name}`);
    return found;
  }

  /** A running container ends by itself. */
  exit(container: FakeContainer, exitCode: number, { reason }: Exit = {}): void {
    this.markEnded(container, exitCode, reason);
    this.tellEnd(container);
  }

  /** Without telling anybody. */
  markEnded(container: FakeContainer, exitCode: number, reason = exitCode === 0 ? "Completed" : "Error"): void {
    Object.assign(container, { state: "CONTAINER_EXITED", exitCode, reason, finishedAt: this.#now() });
  }

  /** Only tells, as containerd does before CRI knows. */
  tellEnd(container: FakeContainer): void {
    const { metadata } = container.sandbox.config;
    const event = { containerId: container.id, podSandboxStatus: { id: container.sandbox.id, metadata } };
    for (const listener of this.#criListeners) {
      listener.send({ ...event, containerEventType: "CONTAINER_STOPPED_EVENT" });
    }
    for (const listener of this.#exitListeners) listener.send({ containerId: container.id, execId: container.id });
  }

  /** The machine goes down and up again: nothing runs, everything is remembered. */
  reboot(): void {
    for (const sandbox of this.sandboxes) sandbox.ready = false;
    for (const container of this.containers) {
      if (container.state === "CONTAINER_RUNNING") this.markEnded(container, 255, "Unknown");
    }
  }

  /** Later than every tick before, even if the clock stands still. */
  #tick(): number {
    return this.#now() + this.#count * 10_000;
  }

  #now(): number {
    return this.#clock.now() * 1_000_000;
  }

  #handlers(): CriHandlers {
    const handlers = this.#ownHandlers();
    const recorded = Object.entries(handlers).map(([method, handle]) => [
      method,
      async (request: object, signal: AbortSignal) => {
        const name = method as CriMethod;
        this.calls.push({ method: name, request });
        await this.#interceptors.get(name)?.(request as never, signal);
        signal.throwIfAborted();
        return (handle as (request: object) => object)(request);
      },
    ]);
    return Object.fromEntries(recorded) as CriHandlers;
  }

  #ownHandlers(): CriHandlers {
    return {
      Version: () => ({ version: "v1", runtimeName: "containerd", runtimeVersion: "1.6.0", runtimeApiVersion: "v1" }),
      Status: () => ({
        status: { conditions: ["RuntimeReady", "NetworkReady"].map((type) => ({ type, status: true })) },
      }),
      UpdateRuntimeConfig: () => ({}),
      ...this.#imageHandlers(),
      ...this.#sandboxHandlers(),
      ...this.#containerHandlers(),
    };
  }

  #imageHandlers(): CriHandlers {
    const describe = (name: string) => {
      const image = this.images.get(name);
      if (!image) return undefined;
      const { uid, username } = image;
      return {
        id: `sha256:${name}`,
        repoTags: [name],
        size: 1000,
        username,
        ...(uid !== undefined && { uid: { value: uid } }),
      };
    };
    return {
      ListImages: () => ({ images: [...this.images.keys()].map((name) => describe(name)!) }),
      ImageStatus: ({ image }) => ({ image: describe(image?.image.replace(/^sha256:/, "") ?? "") }),
      ImageFsInfo: () => ({ imageFilesystems: [] }),
      RemoveImage: ({ image }) => {
        this.images.delete(image?.image ?? "");
        return {};
      },
      PullImage: ({ image }) => {
        const name = image?.image ?? "";
        if (!this.registry.has(name)) throw new GrpcError(grpcCodes.notFound, `${name}: not found`);
        this.images.set(name, {});
        return { imageRef: `sha256:${name}` };
      },
    };
  }

  #sandboxHandlers(): CriHandlers {
    const find = (id: string) =>
      orNotFound(
        this.sandboxes.find((sandbox) => sandbox.id === id),
        "sandbox",
        id,
      );
    const state = ({ ready }: FakeSandbox) => (ready ? "SANDBOX_READY" : "SANDBOX_NOTREADY");
    return {
      RunPodSandbox: ({ config }) => {
        const id = `sandbox-${++this.#count}`;
        const ip = `10.1.0.${this.sandboxes.length + 1}`;
        this.sandboxes.push({ id, config: config!, ip, createdAt: this.#tick(), ready: true });
        return { podSandboxId: id };
      },
      ListPodSandbox: ({ filter }) => ({
        items: this.sandboxes
          .filter(
            ({ id, config }) => (!filter?.id || filter.id === id) && isLabelled(config.labels, filter?.labelSelector),
          )
          .map((sandbox) => {
            const { id, createdAt, config } = sandbox;
            return { id, createdAt, state: state(sandbox), metadata: config.metadata, labels: config.labels };
          }),
      }),
      PodSandboxStatus: ({ podSandboxId }) => {
        const sandbox = find(podSandboxId);
        const { id, createdAt, config, ip } = sandbox;
        const options = config.linux?.securityContext?.namespaceOptions;
        return {
          status: {
            ...{ id, createdAt, state: state(sandbox), metadata: config.metadata, labels: config.labels },
            network: { ip: options?.network === "NODE" ? "" : ip },
            linux: { namespaces: { options } },
          },
        };
      },
      StopPodSandbox: ({ podSandboxId }) => {
        const sandbox = find(podSandboxId);
        sandbox.ready = false;
        for (const each of this.containers) {
          if (each.sandbox === sandbox && each.state === "CONTAINER_RUNNING") this.exit(each, 137);
        }
        return {};
      },
      RemovePodSandbox: ({ podSandboxId }) => {
        this.sandboxes.splice(this.sandboxes.indexOf(find(podSandboxId)), 1);
        return {};
      },
    };
  }

  #containerHandlers(): CriHandlers {
    const find = (id: string) =>
      orNotFound(
        this.containers.find((container) => container.id === id),
        "container",
        id,
      );
    return {
      CreateContainer: ({ podSandboxId, config }) => {
        const sandbox = orNotFound(
          this.sandboxes.find(({ id }) => id === podSandboxId),
          "sandbox",
          podSandboxId,
        );
        const id = `container-${++this.#count}`;
        this.containers.push({
          ...{ id, name: config?.metadata?.name ?? "", sandbox, config: config!, createdAt: this.#tick() },
          ...{ state: "CONTAINER_CREATED", startedAt: 0, finishedAt: 0, exitCode: 0, reason: "" },
          resources: config?.linux?.resources,
        });
        return { containerId: id };
      },
      StartContainer: ({ containerId }) => {
        Object.assign(find(containerId), { state: "CONTAINER_RUNNING", startedAt: this.#now() });
        return {};
      },
      StopContainer: ({ containerId }) => {
        const container = find(containerId);
        if (container.state === "CONTAINER_RUNNING") this.exit(container, this.exitCodeOnStop);
        return {};
      },
      RemoveContainer: ({ containerId }) => {
        this.containers.splice(this.containers.indexOf(find(containerId)), 1);
        return {};
      },
      ListContainers: ({ filter }) => ({
        containers: this.containers
          .filter(
            ({ id, config }) => (!filter?.id || filter.id === id) && isLabelled(config.labels, filter?.labelSelector),
          )
          .map(({ id, sandbox, config, state, createdAt }) => {
            return { id, podSandboxId: sandbox.id, metadata: config.metadata, state, createdAt, labels: config.labels };
          }),
      }),
      ContainerStatus: ({ containerId }) => ({ status: describeContainer(find(containerId)) }),
      UpdateContainerResources: ({ containerId, linux }) => {
        find(containerId).resources = linux;
        return {};
      },
      ExecSync: ({ containerId, cmd }) => {
        const { exitCode, stdout = "" } = this.onExec(find(containerId), cmd);
        return { exitCode, stdout: Buffer.from(stdout) };
      },
      Exec: () => ({ url: this.execUrl }),
      ReopenContainerLog: () => ({}),
    };
  }
}

function describeContainer(container: FakeContainer): CriMessage<"ContainerStatus"> {
  const { id, state, config, createdAt, startedAt, finishedAt, exitCode, reason, resources, sandbox } = container;
  const { metadata, labels, annotations, mounts, image } = config;
  return {
    ...{ id, state, createdAt, startedAt, finishedAt, exitCode, reason, metadata, labels, annotations, mounts },
    image: { image: image?.userSpecifiedImage ?? "" },
    imageRef: image?.image ?? "",
    logPath: join(sandbox.config.logDirectory, config.logPath),
    resources: { linux: resources },
  };
}

function isLabelled(labels: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>> = {}): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

function orNotFound<T>(found: T | undefined, kind: string, id: string): T {
  if (!found) throw new GrpcError(grpcCodes.notFound, `an error occurred when try to find ${kind} "${id}": not found`);
  return found;
}
