// Two API servers in this process: one that clients ask, and one behind it with a group of its own (flunders of
// wardle.example.com), which trusts the first as its front proxy and lets nobody else in.

import type { TestContext } from "node:test";
import { createAuthority, issueCertificate } from "#bootstrap";
import type { APIService, ApiRequest, KubeObject, UserInfo } from "#kubernetes/api";
import { type ApiServer, createApiServer } from "#kubernetes/apiserver";
import { openMemoryStore, type Store } from "#kubernetes/store";
import { systemClock } from "#shared";

export const group = "wardle.example.com";
export const version = "v1alpha1";
export const serviceName = `${version}.${group}`;
export const flunders = `/apis/${group}/${version}/namespaces/default/flunders`;
export const admin: UserInfo = { name: "admin", groups: ["system:masters"] };
const apiServices = "/apis/apiregistration.k8s.io/v1/apiservices";

export interface TwoServers {
  readonly front: ApiServer;
  readonly behind: ApiServer;
  readonly frontStore: Store;
  /** Where the front listens. */
  readonly port: number;
  readonly behindPort: number;
  /** Base64 of the authority of the server behind. */
  readonly caBundle: string;
  /** Makes the service and its endpoints, of the server behind unless another port is given. */
  addService(port?: number): Promise<void>;
  /** Makes the APIService. */
  register(spec?: object): Promise<void>;
  /** Resolves with the Available condition when its reason is this one. */
  untilReason(reason: string): Promise<{ status: string; message?: string }>;
}

export async function startTwoServers(t: TestContext): Promise<TwoServers> {
  const [frontProxyAuthority, servingAuthority] = await Promise.all([createAuthority("front"), createAuthority("ca")]);
  const [client, serving, frontServing] = await Promise.all([
    issueCertificate(frontProxyAuthority, { commonName: "front-proxy-client", usages: ["client"] }),
    issueCertificate(servingAuthority, { commonName: "api", usages: ["server"], dnsNames: ["api.wardle.svc"] }),
    issueCertificate(servingAuthority, { commonName: "front", usages: ["server"], dnsNames: ["localhost"] }),
  ]);
  const names = ["front-proxy-client"];
  const frontProxy = { authority: frontProxyAuthority.certificate, names };
  const behind = createApiServer({ store: openMemoryStore(), frontProxy, anonymous: false, admission: [] });
  t.after(() => behind.stop());
  const frontStore = openMemoryStore();
  const front = createApiServer({
    store: frontStore,
    admission: [],
    frontProxy: { ...frontProxy, client },
    clientAuthority: servingAuthority.certificate,
    tokens: {
      admin,
      somebody: { name: "zoë", groups: ["a,b", "c"], uid: "u1", extra: { "Example.com/Scope": ["x", "y"] } },
    },
  });
  t.after(() => front.stop());
  await Promise.all([front.ready, behind.ready]);
  await define(behind);
  const [{ port: behindPort }, { port }] = await Promise.all([
    behind.listen({ host: "127.0.0.1", port: 0, tls: serving }),
    front.listen({ host: "127.0.0.1", port: 0, tls: frontServing }),
  ]);
  const caBundle = Buffer.from(servingAuthority.certificate).toString("base64");
  return {
    front,
    behind,
    frontStore,
    port,
    behindPort,
    caBundle,
    async addService(endpointPort = behindPort) {
      await send(front, "POST", "/api/v1/namespaces/wardle/services", {
        metadata: { name: "api" },
        spec: { ports: [{ port: 443, name: "https" }] },
      });
      await putSlice(frontStore, endpointPort);
    },
    async register(spec = { caBundle }) {
      await send(front, "POST", apiServices, {
        metadata: { name: serviceName },
        spec: {
          group,
          version,
          groupPriorityMinimum: 2000,
          versionPriority: 200,
          service: { namespace: "wardle", name: "api" },
          ...spec,
        },
      });
    },
    async untilReason(reason) {
      const signal = AbortSignal.timeout(10_000);
      const query = { watch: "true", fieldSelector: `metadata.name=${serviceName}` };
      const answer = await request(front, "GET", apiServices, { query, signal });
      if (answer.kind !== "watch") throw new Error("the answer is no watch");
      let last: unknown;
      for await (const events of answer.events) {
        for (const { object } of events) {
          last = (object as APIService).status;
          const found = (object as APIService).status?.conditions?.find((each) => each.reason === reason);
          if (found) return found as { status: string; message?: string };
        }
      }
      throw new Error(`the APIService did not become ${reason}: ${JSON.stringify(last)}`);
    },
  };
}

/** Loopback addresses are refused in endpoints: the slice is put where a controller's would come to lie. */
export async function putSlice(store: Store, port: number): Promise<void> {
  const slices = store.collection("/registry/endpointslices/");
  const before = await slices.get("wardle/api");
  const slice = {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: "api", namespace: "wardle", labels: { "kubernetes.io/service-name": "api" } },
    addressType: "IPv4",
    endpoints: [{ addresses: ["127.0.0.1"] }],
    ports: [{ name: "https", port, protocol: "TCP" }],
  };
  await slices.put("wardle/api", slice as KubeObject, before?.revision ?? 0);
}

export interface SendOptions {
  readonly body?: object;
  readonly query?: Record<string, string>;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
}

/** A request in process, as the admin. */
export function request(server: ApiServer, method: ApiRequest["method"], path: string, options: SendOptions = {}) {
  const { body, query, headers = {}, signal } = options;
  return server.handler({
    method,
    path,
    query: new URLSearchParams(query),
    headers,
    user: admin,
    ...(signal && { signal }),
    ...(body && { body: { kind: "object", object: body } as const }),
  });
}

export async function send(server: ApiServer, method: ApiRequest["method"], path: string, body?: object) {
  const answer = await request(server, method, path, { ...(body && { body }) });
  if (answer.kind !== "object") throw new Error(`${method} ${path} was not answered with an object`);
  return answer.object as KubeObject & Record<string, unknown>;
}

async function define(server: ApiServer): Promise<void> {
  const names = { plural: "flunders", kind: "Flunder" };
  const spec = { type: "object", properties: { x: { type: "string" } } };
  const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  await send(server, "POST", path, {
    metadata: { name: `flunders.${group}` },
    spec: {
      group,
      names,
      scope: "Namespaced",
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: "object", properties: { spec } } },
        },
      ],
    },
  });
  for (;;) {
    const { status } = (await send(server, "GET", `${path}/flunders.${group}`)) as {
      status?: { conditions?: { type: string; status: string }[] };
    };
    if (status?.conditions?.some((each) => each.type === "Established" && each.status === "True")) return;
    await systemClock.sleep(1);
  }
}
