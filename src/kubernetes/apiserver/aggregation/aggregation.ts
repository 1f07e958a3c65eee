// API aggregation: versions of groups that other servers answer for, by their APIServices. Their requests go on to them, whether
// they can answer is written down, and what they serve is shown beside what is served here.

import type { Clock, Logger } from "#shared";
import type { Call, Handler } from "../call.ts";
import type { LiveObjects } from "../live-objects.ts";
import type { ResourceTable } from "../registry/resources/resource-table.ts";
import type { ServedResource } from "../registry/resources/served-resource.ts";
import { createApiServices, type RemoteService } from "./api-services.ts";
import { AvailabilityKeeper } from "./availability-keeper.ts";
import { passToServer } from "./pass-to-server.ts";
import { RemoteDiscovery } from "./remote-discovery.ts";
import { RemoteOpenApi } from "./remote-openapi.ts";
import { type ClientPair, createServerConnections } from "./server-connections.ts";
import { createShownGroups, type ShownGroups } from "./shown-groups.ts";

export interface AggregationOptions {
  readonly objects: LiveObjects;
  readonly table: ResourceTable;
  /** How this server shows itself to others; undefined: it has nothing to show, and they will take it for anybody. */
  readonly client: ClientPair | undefined;
  /** Where connections to those servers come from; undefined: the system chooses. */
  readonly podSideAddress?: string | undefined;
  /** What APIServices are stored as. */
  readonly resource: () => ServedResource;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Aggregation {
  /** Whether another server is to answer. */
  claims(call: Call): boolean;
  /** Answers what is claimed. */
  readonly handler: Handler;
  readonly groups: ShownGroups;
  /** What the other servers say of themselves in OpenAPI v2. */
  readonly openApi: RemoteOpenApi;
  /** Resolves when all APIServices are known. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function createAggregation(options: AggregationOptions): Aggregation {
  const { objects, table, clock, logger, resource } = options;
  const collection = objects.collection({ group: "apiregistration.k8s.io", resource: "apiservices" });
  const services = createApiServices(collection);
  const connections = createServerConnections(objects, options);
  const discovery = new RemoteDiscovery(connections);
  const openApi = new RemoteOpenApi(connections, services);
  const stopping = new AbortController();
  const keeper = new AvailabilityKeeper({
    services,
    objects,
    connections,
    resource,
    async checked(name, { status }) {
      const service = services.remotes.get(name);
      if (!service) return;
      if (status === "True") {
        await discovery.refresh(name, service, stopping.signal);
        await openApi.refresh(name, service, stopping.signal);
      } else discovery.lose(name);
    },
    clock,
    logger,
  });
  const find = ({ request, info }: Call): RemoteService | undefined => {
    if (services.remotes.size === 0) return undefined;
    if (info.isResourceRequest) return services.remote(info.apiGroup, info.apiVersion);
    const [root, ...rest] = request.path.split("/").filter((segment) => segment !== "");
    // Their OpenAPI v3 documents are theirs to answer as well.
    if (root === "openapi") {
      const [dialect, apis, group = "", version = ""] = rest;
      return dialect === "v3" && apis === "apis" ? services.remote(group, version) : undefined;
    }
    if (root === "api") return services.remote("", rest[0] ?? "");
    return root === "apis" ? services.remote(rest[0] ?? "", rest[1] ?? "") : undefined;
  };
  return {
    claims: (call) => find(call) !== undefined,
    handler: (call) => passToServer(connections, find(call)!, call),
    openApi,
    groups: createShownGroups({ table, services, discovery }),
    start: () =>
      services.start((name) => {
        if (!services.remotes.has(name)) {
          discovery.forget(name);
          openApi.forget(name);
        }
        keeper.changed(name);
      }),
    async stop() {
      services.stop();
      stopping.abort(new Error("the server stops"));
      await keeper.stop();
      connections.close();
    },
  };
}
