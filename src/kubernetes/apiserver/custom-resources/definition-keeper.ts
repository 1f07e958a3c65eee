// Keeps definitions as their status should be, and empties those that are being deleted: what apiextensions' controllers do, by
// the same requests, in the server's own name. Each definition is dealt with by one task at a time.

import {
  type ApiRequest,
  type CustomResourceDefinition,
  type CustomResourceDefinitionCondition,
  isConflict,
  isDefinitionConditionTrue,
  isNotFound,
} from "#kubernetes/api";
import type { Collection } from "#kubernetes/store";
import type { Clock, Logger } from "#shared";
import { apiServerUser } from "../authentication/users.ts";
import { formatTime } from "../registry/object-meta.ts";
import type { ServedResource } from "../registry/resources/served-resource.ts";
import { cleanupFinalizer } from "./delete-definition.ts";
import type { NameIndex } from "./name-index.ts";
import { settleStatus, withCondition } from "./naming.ts";

export interface DefinitionKeeperOptions {
  readonly definitions: Collection;
  readonly names: NameIndex;
  /** Makes a request in this process. */
  readonly send: (request: ApiRequest) => Promise<unknown>;
  /** The version a definition's objects are stored in; undefined where it is not served. */
  readonly storageVersion: (name: string) => ServedResource | undefined;
  readonly removeInstances: (resource: ServedResource, signal: AbortSignal) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
}

const retryMs = 1000;

export class DefinitionKeeper {
  readonly #options: DefinitionKeeperOptions;
  /** Definitions that are being dealt with; true: and must be looked at again. */
  readonly #busy = new Map<string, boolean>();
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<void>>();

  constructor(options: DefinitionKeeperOptions) {
    this.#options = options;
  }

  /** Looks at a definition, soon. */
  enqueue(name: string): void {
    if (this.#stopping.signal.aborted) return;
    if (this.#busy.has(name)) {
      this.#busy.set(name, true);
      return;
    }
    this.#busy.set(name, false);
    const run = this.#run(name).finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#running);
  }

  async #run(name: string): Promise<void> {
    // After the events at hand have been told to everybody.
    await Promise.resolve();
    do {
      this.#busy.set(name, false);
      try {
        await this.#keep(name);
      } catch (error) {
        if (this.#stopping.signal.aborted) break;
        this.#options.logger.warn({ err: error, definition: name }, "cannot settle a custom resource definition");
        this.#options.clock.after(retryMs, () => this.enqueue(name));
      }
    } while (this.#busy.get(name) && !this.#stopping.signal.aborted);
    this.#busy.delete(name);
  }

  async #keep(name: string): Promise<void> {
    const { definitions, names, clock } = this.#options;
    const stored = await definitions.get(name);
    if (!stored) return;
    const definition = stored.object as CustomResourceDefinition;
    const { metadata, spec } = definition;
    if (metadata.deletionTimestamp && metadata.finalizers?.includes(cleanupFinalizer)) return this.#finish(definition);
    const settled = settleStatus(definition, names.taken(spec.group), formatTime(clock.now()));
    if (settled === definition) return;
    // Others of the group must not be given the same names meanwhile.
    names.set(name, spec.group, settled.status!.acceptedNames!);
    await this.#writeStatus(settled);
  }

  async #finish(definition: CustomResourceDefinition): Promise<void> {
    const { storageVersion, removeInstances } = this.#options;
    const marked = await this.#writeStatus(
      this.#terminating(definition, "True", "InstanceDeletionInProgress", "CustomResource deletion is in progress"),
    );
    if (!marked) return;
    const done = await this.#empty(marked, storageVersion(marked.metadata.name ?? ""), removeInstances);
    // The writes of a status that came between are not to be undone.
    const latest = await this.#options.definitions.get(marked.metadata.name ?? "");
    if (!latest) return;
    const current = latest.object as CustomResourceDefinition;
    const { finalizers = [], ...metadata } = current.metadata;
    const kept = finalizers.filter((finalizer) => finalizer !== cleanupFinalizer);
    const released = this.#terminating(current, "False", ...done);
    await this.#writeStatus({ ...released, metadata: { ...metadata, ...(kept.length > 0 && { finalizers: kept }) } });
  }

  async #empty(
    definition: CustomResourceDefinition,
    resource: ServedResource | undefined,
    removeInstances: DefinitionKeeperOptions["removeInstances"],
  ): Promise<readonly [reason: string, message: string]> {
    const { group, names } = definition.spec;
    if (builtIn.has(`${names.plural}.${group}`)) {
      return ["OverlappingBuiltInResource", "instances overlap with built-in resources in storage"];
    }
    if (!resource || !isDefinitionConditionTrue(definition, "Established")) {
      return ["NeverEstablished", "resource was never established"];
    }
    await removeInstances(resource, this.#stopping.signal);
    return ["InstanceDeletionCompleted", "removed all instances"];
  }

  #terminating(
    definition: CustomResourceDefinition,
    status: "True" | "False",
    reason: string,
    message: string,
  ): CustomResourceDefinition {
    const now = formatTime(this.#options.clock.now());
    const conditions: CustomResourceDefinitionCondition[] = withCondition(
      definition.status?.conditions ?? [],
      { type: "Terminating", status, reason, message },
      now,
    );
    return { ...definition, status: { ...definition.status, conditions } as never };
  }

  /** What was written; undefined where somebody else was first: the definition is then looked at again. */
  async #writeStatus(object: CustomResourceDefinition): Promise<CustomResourceDefinition | undefined> {
    try {
      const answer = await this.#options.send({
        method: "PUT",
        path: `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${object.metadata.name}/status`,
        query: new URLSearchParams(),
        headers: { "user-agent": "kube-apiserver" },
        user: apiServerUser,
        body: { kind: "object", object: structuredClone(object) },
      });
      return (answer as { object: CustomResourceDefinition }).object;
    } catch (error) {
      if (isConflict(error) || isNotFound(error)) return undefined;
      throw error;
    }
  }
}

/** Their objects lie where the server's own do. */
const builtIn = new Set(["apiservices.apiregistration.k8s.io", "customresourcedefinitions.apiextensions.k8s.io"]);
