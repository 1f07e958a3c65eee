// What other servers say that they serve, kept for the documents that show all servers as one. A server that has fallen silent is
// shown with what it last said, as stale.

import type { APIResource } from "#kubernetes/api";
import type { RemoteService } from "./api-services.ts";
import { type FetchedDocument, type FetchOptions, fetchDocument } from "./fetch-document.ts";
import type { ServerConnections } from "./server-connections.ts";
import { readShownResources, type ShownResource, showResources } from "./shown-resources.ts";

/** A version of a group as its server describes it. */
export interface RemoteVersion {
  readonly resources: readonly ShownResource[];
  readonly freshness: "Current" | "Stale";
  /** Where its OpenAPI v3 document is; undefined: it has none. */
  readonly openApiUrl?: string;
}

const unknown: RemoteVersion = { resources: [], freshness: "Stale" };
const aggregated = ["v2", "v2beta1"]
  .map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .join(",");

export class RemoteDiscovery {
  readonly #connections: ServerConnections;
  readonly #versions = new Map<string, RemoteVersion>();
  /** Counts changes. */
  generation = 0;

  constructor(connections: ServerConnections) {
    this.#connections = connections;
  }

  of(name: string): RemoteVersion {
    return this.#versions.get(name) ?? unknown;
  }

  forget(name: string): void {
    if (this.#versions.delete(name)) this.generation++;
  }

  /** Does not throw: what cannot be asked becomes stale. */
  async refresh(name: string, service: RemoteService, signal: AbortSignal): Promise<void> {
    try {
      const resources = await this.#ask(service, signal);
      const openApiUrl = await this.#askForOpenApi(service, signal);
      this.#set(name, { resources, freshness: "Current", ...(openApiUrl && { openApiUrl }) });
    } catch {
      this.lose(name);
    }
  }

  /** The server does not answer any more. */
  lose(name: string): void {
    this.#set(name, { ...this.of(name), freshness: "Stale" });
  }

  #set(name: string, version: RemoteVersion): void {
    const before = this.#versions.get(name);
    if (before && JSON.stringify(before) === JSON.stringify(version)) return;
    this.#versions.set(name, version);
    this.generation++;
  }

  async #ask(service: RemoteService, signal: AbortSignal): Promise<readonly ShownResource[]> {
    const { group = "", version = "" } = service.spec;
    const root = group === "" ? "/api" : "/apis";
    const all = await this.#fetch(service, root, { accept: aggregated, signal });
    if (all.status === 200 && all.contentType.includes("APIGroupDiscoveryList")) {
      return readShownResources(all.content, group, version);
    }
    const path = `${root}${group === "" ? "" : `/${group}`}/${version}`;
    const one = await this.#fetch(service, path, { accept: "application/json", signal });
    if (one.status !== 200) throw new Error(`Cannot read ${path}: the answer is ${one.status}`);
    const { resources } = one.content as { readonly resources?: readonly APIResource[] };
    return showResources(resources ?? [], { group, version });
  }

  /** A server without such documents is none the worse. */
  async #askForOpenApi(service: RemoteService, signal: AbortSignal): Promise<string | undefined> {
    const { group, version } = service.spec;
    try {
      const { content } = await this.#fetch(service, "/openapi/v3", { accept: "application/json", signal });
      const { paths = {} } = (content ?? {}) as { paths?: Record<string, { serverRelativeURL?: string }> };
      return paths[`apis/${group}/${version}`]?.serverRelativeURL;
    } catch {
      return undefined;
    }
  }

  #fetch(service: RemoteService, path: string, options: FetchOptions): Promise<FetchedDocument> {
    return fetchDocument(this.#connections, service, { ...options, path });
  }
}
