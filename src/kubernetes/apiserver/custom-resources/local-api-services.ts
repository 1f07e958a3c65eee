// The APIServices of groups and versions that definitions have added: they say that this server answers for them. Made and taken
// away as kube-aggregator does it, unless somebody else has one of that name.

import { type APIService, type ApiRequest, isConflict, isNotFound, StatusError } from "#kubernetes/api";
import type { Logger } from "#shared";
import { apiServerUser } from "../authentication/users.ts";

export interface LocalApiServicesOptions {
  /** Makes a request in this process. */
  readonly send: (request: ApiRequest) => Promise<unknown>;
  readonly logger: Logger;
}

interface GroupVersion {
  readonly group: string;
  readonly version: string;
}

const path = "/apis/apiregistration.k8s.io/v1/apiservices";
const automanaged = "kube-aggregator.kubernetes.io/automanaged";

export class LocalApiServices {
  readonly #options: LocalApiServicesOptions;
  /** What each definition serves, and how many serve a version. */
  readonly #byDefinition = new Map<string, readonly GroupVersion[]>();
  readonly #counts = new Map<string, number>();
  #tail: Promise<void> = Promise.resolve();

  constructor(options: LocalApiServicesOptions) {
    this.#options = options;
  }

  /** Notes what a definition serves; nothing where it is gone. */
  set(definition: string, served: readonly GroupVersion[]): void {
    const before = this.#byDefinition.get(definition) ?? [];
    if (served.length === 0) this.#byDefinition.delete(definition);
    else this.#byDefinition.set(definition, served);
    for (const each of served) this.#count(each, 1);
    for (const each of before) this.#count(each, -1);
  }

  /** Resolves when nothing is left to do. */
  async settled(): Promise<void> {
    await this.#tail;
  }

  #count(of: GroupVersion, by: number): void {
    const name = nameOf(of);
    const before = this.#counts.get(name) ?? 0;
    const after = before + by;
    if (after === 0) this.#counts.delete(name);
    else this.#counts.set(name, after);
    if ((before === 0) !== (after === 0)) this.#enqueue(of);
  }

  /** One after another: what was wished last decides. */
  #enqueue(of: GroupVersion): void {
    this.#tail = this.#tail
      .then(() => (this.#counts.has(nameOf(of)) ? this.#create(of) : this.#remove(of)))
      .catch((error: unknown) =>
        this.#options.logger.warn({ err: error, name: nameOf(of) }, "cannot settle an APIService"),
      );
  }

  async #create({ group, version }: GroupVersion): Promise<void> {
    const name = nameOf({ group, version });
    const object = {
      apiVersion: "apiregistration.k8s.io/v1",
      kind: "APIService",
      metadata: { name, labels: { [automanaged]: "true" } },
      spec: { group, version, groupPriorityMinimum: 1000, versionPriority: 100 },
    };
    await this.#request("POST", path, object).catch((error: unknown) => {
      const isThere = error instanceof StatusError && error.reason === "AlreadyExists";
      if (!isThere) throw error;
    });
  }

  async #remove(of: GroupVersion): Promise<void> {
    try {
      const { object } = (await this.#request("GET", `${path}/${nameOf(of)}`)) as { object: APIService };
      if (object.metadata.labels?.[automanaged] === undefined) return;
      await this.#request("DELETE", `${path}/${nameOf(of)}`);
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }

  #request(method: "GET" | "POST" | "DELETE", at: string, object?: object): Promise<unknown> {
    return this.#options.send({
      method,
      path: at,
      query: new URLSearchParams(),
      headers: { "user-agent": "kube-apiserver" },
      user: apiServerUser,
      ...(object && { body: { kind: "object", object } as const }),
    });
  }
}

function nameOf({ group, version }: GroupVersion): string {
  return `${version}.${group}`;
}
