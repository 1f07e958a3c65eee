// Everything the server answers that is no resource: discovery, health, version, metrics, keys, OpenAPI.

import type { Store } from "#kubernetes/store";
import type { RemoteOpenApi } from "../aggregation/remote-openapi.ts";
import type { ShownGroups } from "../aggregation/shown-groups.ts";
import { openIdConfiguration, publishedKeys, type ServiceAccountKeys } from "../authentication/service-account-keys.ts";
import type { BytesAnswer, Call, Handler } from "../call.ts";
import { createDiscoveryHandler } from "../discovery/discovery-paths.ts";
import { requireRoute } from "../http/media-types.ts";
import { HealthLevels } from "../metrics/health-levels.ts";
import { createRequestMetrics, type Track } from "../metrics/request-metrics.ts";
import { createServerMetrics, type MetricSource } from "../metrics/server-metrics.ts";
import { createOpenApi } from "../openapi/openapi-paths.ts";
import type { StoreUpkeep } from "../options.ts";
import { methodNotAllowed } from "../registry/registry.ts";
import type { ResourceTable } from "../registry/resources/resource-table.ts";
import { healthHandlers } from "./health.ts";
import { type HealthOptions, healthChecks } from "./health-checks.ts";
import { pageNotFound } from "./page-not-found.ts";
import { createPathHandler } from "./path-table.ts";
import { storeHandlers } from "./store-paths.ts";
import { versionInfo } from "./version.ts";

export interface PathsOptions {
  readonly resources: ResourceTable;
  /** Everything that can be asked for, whoever serves it. */
  readonly groups: ShownGroups;
  readonly remoteOpenApi: RemoteOpenApi;
  /** Where clients reach the server, as host:port. */
  readonly address: () => string;
  readonly keys: ServiceAccountKeys;
  readonly issuer: string;
  readonly jwksUri: string | undefined;
  readonly health: HealthOptions;
  readonly store: Store;
  readonly storeUpkeep: StoreUpkeep;
  /** What else is counted. */
  readonly metrics: readonly MetricSource[];
  /** As text, of other parts of the process. */
  readonly otherMetrics: readonly (() => Promise<string>)[];
  /** Paths of other parts. */
  readonly more: Readonly<Record<string, Handler>>;
}

export interface Paths {
  readonly handler: Handler;
  /** Counts a request; the answer is called when it has been answered. */
  readonly track: Track;
}

export function createPaths(options: PathsOptions): Paths {
  const discovery = createDiscoveryHandler(options);
  const { keys, issuer, address } = options;
  const version = versionInfo();
  const checks = healthChecks(options.health);
  const levels = new HealthLevels();
  const openApi = createOpenApi({
    resources: options.resources,
    groups: options.groups,
    remotes: options.remoteOpenApi,
    release: `${version.major}.${version.minor}`,
    build: version.gitVersion,
  });
  const requests = createRequestMetrics((call) => isCounted(call, options.resources));
  const metrics = createServerMetrics({
    sources: [requests, ...options.metrics],
    others: options.otherMetrics,
    storageSize: options.storeUpkeep.size,
    resources: () => options.resources.groups().flatMap(({ versions }) => versions.flatMap((each) => each.resources)),
    version,
    levels,
  });
  const index: Handler = async () =>
    prettyJson({ paths: listPaths(Object.keys({ ...exact, ...routes }), options.groups) });
  const routes: Readonly<Record<string, Handler>> = {
    "/api": discovery,
    "/apis": discovery,
    "/version": routed("application/json", prettyJson(version)),
    "/.well-known/openid-configuration": (call) => {
      const jwksUri = options.jwksUri ?? `https://${address()}/openid/v1/jwks`;
      return routed("application/json", publicJson(openIdConfiguration(issuer, jwksUri, keys)))(call);
    },
    "/openid/v1/jwks": routed(keysType, publicJson(publishedKeys(keys), keysType)),
  };
  const exact: Readonly<Record<string, Handler>> = {
    "/openapi/v2": openApi.v2,
    "/openapi/v3": openApi.v3,
    "/openapi/v3/": () => Promise.resolve(pageNotFound),
    "/metrics": () => metrics.answer(),
    "/metrics/slis": () => metrics.answerLevels(),
    ...options.more,
    ...storeHandlers(options.store, options.storeUpkeep),
    ...healthHandlers("healthz", checks.healthz, levels.note),
    ...healthHandlers("livez", checks.livez, levels.note),
    ...healthHandlers("readyz", checks.readyz, levels.note),
  };
  const handler = createPathHandler({
    exact: { ...exact, "/": index, "/index.html": index },
    routes,
    prefixes: { "/api/": discovery, "/apis/": discovery, "/openapi/v3/": openApi.v3 },
  });
  return { handler, track: requests.begin };
}

/** What can be asked for beside resources, as upstream tells at its root; the pages of those who debug the server are left out. */
function listPaths(exact: readonly string[], groups: ShownGroups): string[] {
  const found = exact.filter((path) => !path.startsWith("/debug/") && !path.startsWith("/slipway/"));
  for (const { name, versions } of groups.all()) {
    if (name !== "") found.push(`/apis/${name}`);
    for (const { version } of versions) found.push(name === "" ? `/api/${version}` : `/apis/${name}/${version}`);
  }
  return [...found, "/apis/"].sort();
}

/** A path that can only be read, and in one form. */
function routed(type: string, answer: BytesAnswer): Handler {
  return async ({ request }) => {
    if (request.method !== "GET") throw methodNotAllowed();
    requireRoute(request.headers["accept"], [type]);
    return answer;
  };
}

function prettyJson(object: object): BytesAnswer {
  return jsonAnswer(JSON.stringify(object, undefined, 2), { "content-type": "application/json" });
}

const keysType = "application/jwk-set+json";

/** What anybody may keep for an hour. */
function publicJson(object: object, type = "application/json"): BytesAnswer {
  return jsonAnswer(JSON.stringify(object), { "content-type": type, "cache-control": "public, max-age=3600" });
}

function jsonAnswer(text: string, headers: Readonly<Record<string, string>>): BytesAnswer {
  return { kind: "bytes", status: 200, headers, body: Buffer.from(text) };
}

const countedPaths = /^\/(healthz|livez|readyz|metrics|version|openapi|openid|api|apis|\.well-known)(\/|$)/;

/** What nobody serves is not counted by its name: anybody could make up any number of them. */
function isCounted({ info }: Call, resources: ResourceTable): boolean {
  if (info.isResourceRequest) return resources.find(info.apiGroup, info.apiVersion, info.resource) !== undefined;
  return countedPaths.test(info.path) && info.path.length < 100;
}
