// What other servers say of themselves in OpenAPI v2, for the one document of all servers. Each is asked whenever it was found to answer;
// one that has fallen silent is shown with what it last said, until its APIService goes.

import { createHash } from "node:crypto";
import { filterPaths, readSourceV2, type SourceV2 } from "../openapi/merge-v2.ts";
import type { ApiServices, RemoteService } from "./api-services.ts";
import { fetchDocument } from "./fetch-document.ts";
import type { ServerConnections } from "./server-connections.ts";

export interface RemoteDocument {
  /** Another text for another document. */
  readonly etag: string;
  readonly source: SourceV2;
}

export class RemoteOpenApi {
  readonly #connections: ServerConnections;
  readonly #services: ApiServices;
  readonly #documents = new Map<string, RemoteDocument>();
  /** Counts changes. */
  generation = 0;

  constructor(connections: ServerConnections, services: ApiServices) {
    this.#connections = connections;
    this.#services = services;
  }

  /** In the order they are merged: by the priority of their groups and versions, then by name. */
  documents(): readonly RemoteDocument[] {
    const names = [...this.#documents.keys()].filter((name) => this.#services.remotes.has(name));
    const specOf = (name: string) => this.#services.remotes.get(name)!.spec;
    const groups = new Map<string, number>();
    for (const { spec } of this.#services.remotes.values()) {
      const { group = "", groupPriorityMinimum } = spec;
      groups.set(group, Math.max(groups.get(group) ?? 0, groupPriorityMinimum));
    }
    return names
      .sort((a, b) => {
        const [one, other] = [specOf(a), specOf(b)];
        const byPriority =
          one.group === other.group
            ? other.versionPriority - one.versionPriority
            : groups.get(other.group ?? "")! - groups.get(one.group ?? "")!;
        return byPriority || (a < b ? -1 : 1);
      })
      .map((name) => this.#documents.get(name)!);
  }

  forget(name: string): void {
    if (this.#documents.delete(name)) this.generation++;
  }

  /** Does not throw: a server without such a document is none the worse. */
  async refresh(name: string, service: RemoteService, signal: AbortSignal): Promise<void> {
    const before = this.#documents.get(name);
    try {
      const { status, etag, content } = await fetchDocument(this.#connections, service, {
        path: "/openapi/v2",
        accept: "application/json",
        etag: before?.etag,
        signal,
      });
      const source = status === 200 ? readSourceV2(content) : undefined;
      if (!source) return;
      // Without an etag there is no telling whether it is another one: it is taken for one each time its text differs.
      const known = etag || createHash("sha512").update(JSON.stringify(content)).digest("base64");
      if (before?.etag === known) return;
      const { group = "", version = "" } = service.spec;
      this.#documents.set(name, {
        etag: known,
        source: filterPaths(source, (path) => path.startsWith(`/apis/${group}/${version}/`)),
      });
      this.generation++;
    } catch {
      // What it last said stays.
    }
  }
}
