// What each container was promised of the node (allocated) and what it was given (actuated). They differ while a pod is being
// resized; both outlive the process, in a file in the pod's folder.

import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Container, PodSpec, ResourceRequirements } from "#kubernetes/api";
import { describeError, type Logger } from "#shared";
import { type BoundPod, isSidecar } from "../pod/bound-pod.ts";
import { same } from "../status/status-patch.ts";

type Resources = Readonly<Record<string, ResourceRequirements>>;

interface Allocation {
  /** Of the pod as a whole; absent: it has none of its own. */
  readonly pod?: ResourceRequirements;
  readonly allocated: Resources;
  readonly given: Resources;
}

export interface Allocations {
  /** Reads what an earlier process wrote. */
  load(): Promise<void>;
  /** The pod with what it was promised in place of what it asks for; the same object where that is the same. */
  apply(pod: BoundPod): BoundPod;
  /** Promises the pod what it asks for. */
  allocate(pod: BoundPod): void;
  /** Whether the pod was promised anything yet. */
  has(uid: string): boolean;
  /** What a container was given when it was made, or changed; undefined: nobody knows. */
  given(uid: string, containerName: string): ResourceRequirements | undefined;
  give(uid: string, containerName: string, resources: ResourceRequirements): void;
  /** Resolves when nothing is written of the pod any more. */
  forget(uid: string): Promise<void>;
}

const fileName = "resources.json";

export function createAllocations(podsFolder: string, logger: Logger): Allocations {
  return new FileAllocations(podsFolder, logger);
}

class FileAllocations implements Allocations {
  readonly #podsFolder: string;
  readonly #logger: Logger;
  readonly #pods = new Map<string, Allocation>();
  /** Writes under way, and whether what they write is no longer the newest. */
  readonly #writes = new Map<string, { done: Promise<void>; isStale: boolean }>();

  constructor(podsFolder: string, logger: Logger) {
    this.#podsFolder = podsFolder;
    this.#logger = logger;
  }

  async load(): Promise<void> {
    for (const uid of await readdir(this.#podsFolder).catch(() => [])) {
      try {
        const text = await readFile(join(this.#podsFolder, uid, fileName), "utf8");
        this.#pods.set(uid, JSON.parse(text) as Allocation);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") continue;
        this.#logger.warn({ uid, error: describeError(error) }, "the pod's allocation can't be read");
      }
    }
  }

  apply(pod: BoundPod): BoundPod {
    const allocation = this.#pods.get(pod.metadata.uid);
    if (!allocation) return pod;
    const { resources, ...spec } = pod.spec;
    const promised: PodSpec = {
      ...spec,
      containers: withResources(pod.spec.containers, allocation.allocated),
      ...(spec.initContainers && { initContainers: withResources(spec.initContainers, allocation.allocated) }),
      ...(allocation.pod && { resources: allocation.pod }),
    };
    const isSame =
      same(resources, allocation.pod) &&
      promised.containers === pod.spec.containers &&
      promised.initContainers === pod.spec.initContainers;
    return isSame ? pod : { ...pod, spec: promised };
  }

  allocate(pod: BoundPod): void {
    const { containers, initContainers = [], resources } = pod.spec;
    const resizable = [...containers, ...initContainers.filter(isSidecar)];
    const allocated = Object.fromEntries(resizable.map((each) => [each.name, each.resources ?? {}]));
    const { given = {} } = this.#pods.get(pod.metadata.uid) ?? {};
    this.#set(pod.metadata.uid, { allocated, given, ...(resources && { pod: resources }) });
  }

  has(uid: string): boolean {
    return this.#pods.has(uid);
  }

  given(uid: string, containerName: string): ResourceRequirements | undefined {
    return this.#pods.get(uid)?.given[containerName];
  }

  give(uid: string, containerName: string, resources: ResourceRequirements): void {
    const old = this.#pods.get(uid);
    if (!old || same(old.given[containerName], resources)) return;
    this.#set(uid, { ...old, given: { ...old.given, [containerName]: resources } });
  }

  async forget(uid: string): Promise<void> {
    this.#pods.delete(uid);
    await this.#writes.get(uid)?.done;
  }

  #set(uid: string, allocation: Allocation): void {
    this.#pods.set(uid, allocation);
    const running = this.#writes.get(uid);
    if (running) {
      running.isStale = true;
      return;
    }
    const done = this.#write(uid).finally(() => this.#writes.delete(uid));
    this.#writes.set(uid, { done, isStale: false });
  }

  async #write(uid: string): Promise<void> {
    const folder = join(this.#podsFolder, uid);
    const path = join(folder, fileName);
    try {
      // What comes in the same turn is written together.
      await Promise.resolve();
      do {
        const allocation = this.#pods.get(uid);
        const write = this.#writes.get(uid);
        if (!allocation || !write) return;
        write.isStale = false;
        await mkdir(folder, { recursive: true, mode: 0o750 });
        await writeFile(`${path}.tmp`, JSON.stringify(allocation));
        await rename(`${path}.tmp`, path);
      } while (this.#writes.get(uid)?.isStale);
    } catch (error) {
      this.#logger.warn({ uid, error: describeError(error) }, "the pod's allocation can't be written");
    }
  }
}

/** The same list where nothing differs. */
function withResources(containers: readonly Container[], allocated: Resources): Container[] {
  let differs = false;
  const changed = containers.map((container) => {
    const resources = allocated[container.name];
    if (!resources || same(resources, container.resources ?? {})) return container;
    differs = true;
    return { ...container, resources };
  });
  return differs ? changed : (containers as Container[]);
}
