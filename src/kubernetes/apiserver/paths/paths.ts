// Everything the server answers that is no resource: discovery, health, version, metrics, keys, OpenAPI.

import type { Store } from "#kubernetes/store";
import { openIdConfiguration, publishedKeys, type ServiceAccountKeys } from "../authentication/service-account-keys.ts";
import type { Answer, BytesAnswer, Call, Handler } from "../call.ts";
import { createDiscoveryHandler } from "../discovery/discovery-paths.ts";
import { createOpenApi } from "../openapi/openapi-paths.ts";
import type { ResourceTable } from "../registry/resources/resource-table.ts";
import { type HealthCheck, healthHandlers } from "./health.ts";
import { createPathHandler } from "./path-table.ts";
import { versionInfo } from "./version.ts";

export interface PathsOptions {
  readonly resources: ResourceTable;
  /** Where clients reach the server, as host:port. */
  readonly address: () => string;
  readonly keys: ServiceAccountKeys;
  readonly issuer: string;
  readonly jwksUri: string | undefined;
  readonly isStarted: () => boolean;
  readonly store: Store;
}

export interface Paths {
  readonly handler: Handler;
  /** Counts an answered request. */
  readonly observe: (call: Call, status: number, seconds: number) => void;
}

export function createPaths(options: PathsOptions): Paths {
  const discovery = createDiscoveryHandler(options.resources, options.address);
  const { keys, issuer, address } = options;
  const version = versionInfo();
  const checks = healthChecks(options);
  const openApi = createOpenApi({
    resources: options.resources,
    release: `${version.major}.${version.minor}`,
    build: version.gitVersion,
  });
  const handler = createPathHandler({
    exact: {
      "/api": discovery,
      "/apis": discovery,
      "/openapi/v2": openApi.v2,
      "/openapi/v3": openApi.v3,
      "/version": async () => json(version),
      "/.well-known/openid-configuration": async () =>
        json(openIdConfiguration(issuer, options.jwksUri ?? `https://${address()}/openid/v1/jwks`, keys)),
      "/openid/v1/jwks": async () => keysAnswer(keys),
      ...healthHandlers("healthz", checks.live),
      ...healthHandlers("livez", checks.live),
      ...healthHandlers("readyz", checks.ready),
    },
    prefixes: { "/api/": discovery, "/apis/": discovery, "/openapi/v3/": openApi.v3 },
  });
  return { handler, observe: () => {} };
}

function json(object: object): Answer {
  return { kind: "object", status: 200, document: { object } };
}

function keysAnswer(keys: ServiceAccountKeys): BytesAnswer {
  return {
    kind: "bytes",
    status: 200,
    headers: { "content-type": "application/jwk-set+json", "cache-control": "public, max-age=3600" },
    body: Buffer.from(JSON.stringify(publishedKeys(keys))),
  };
}

function healthChecks({ store, isStarted }: PathsOptions): { live: HealthCheck[]; ready: HealthCheck[] } {
  const ping: HealthCheck = { name: "ping", check: () => {} };
  const storage: HealthCheck = { name: "etcd", check: () => store.sync().then(() => undefined) };
  const started: HealthCheck = {
    name: "poststarthook/rbac/bootstrap-roles",
    check: () => {
      if (!isStarted()) throw new Error("not finished");
    },
  };
  return { live: [ping, storage, started], ready: [ping, storage, started] };
}
