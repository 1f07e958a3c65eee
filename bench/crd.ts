// What many CustomResourceDefinitions cost: how fast they are made and established, what they weigh, and how fast discovery and
// OpenAPI answer with them. Usage: node24 bench/crd.ts [count]

import { type ApiRequest, type CustomResourceDefinition, formatApiVersion } from "#kubernetes/api";
import { createApiServer } from "#kubernetes/apiserver";
import { openMemoryStore } from "#kubernetes/store";

const count = Number(process.argv[2] ?? 1000);
const perGroup = 10;
const admin = { name: "admin", groups: ["system:masters", "system:authenticated"] };
const server = createApiServer({ store: openMemoryStore() });
await server.ready;

function request(method: ApiRequest["method"], path: string, options: Partial<ApiRequest> = {}) {
  return server.handler({ method, path, query: new URLSearchParams(), headers: {}, user: admin, ...options });
}

/** About as large as those of real operators: forty fields with descriptions, in two versions. */
function definitionOf(index: number): object {
  const field = (name: number) => [
    `field${name}`,
    {
      type: "string",
      description: `What field ${name} of kind ${index} is for, in a sentence of some length.`,
      maxLength: 63,
    },
  ];
  const properties = Object.fromEntries(Array.from({ length: 40 }, (_, name) => field(name)));
  const schema = {
    openAPIV3Schema: {
      type: "object",
      properties: { spec: { type: "object", properties }, status: { type: "object", properties } },
    },
  };
  const group = `g${Math.floor(index / perGroup)}.bench.example`;
  const version = (name: string, storage: boolean) => ({
    name,
    served: true,
    storage,
    schema,
    subresources: { status: {} },
  });
  return {
    metadata: { name: `things${index}.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { plural: `things${index}`, kind: `Thing${index}` },
      versions: [version("v1", true), version("v1beta1", false)],
    },
  };
}

const path = `/apis/${formatApiVersion({ group: "apiextensions.k8s.io", version: "v1" })}/customresourcedefinitions`;

async function untilEstablished(): Promise<void> {
  const answer = await request("GET", path, { query: new URLSearchParams({ watch: "true" }) });
  if (answer.kind !== "watch") throw new Error("Cannot watch definitions: the answer is no watch");
  const established = new Set<string>();
  for await (const events of answer.events) {
    for (const { object } of events) {
      const { metadata, status } = object as CustomResourceDefinition;
      if (status?.conditions?.some(({ type, status: is }) => type === "Established" && is === "True")) {
        established.add(metadata.name ?? "");
      }
    }
    if (established.size === count) return;
  }
}

async function timed(what: string, act: () => Promise<unknown>): Promise<void> {
  const start = performance.now();
  await act();
  process.stdout.write(`${what.padEnd(52)} ${(performance.now() - start).toFixed(1).padStart(9)} ms\n`);
}

function heapMB(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1024 / 1024;
}

const before = heapMB();
await timed(`${count} definitions made, 32 at a time`, async () => {
  let next = 0;
  const make = async () => {
    while (next < count) await request("POST", path, { body: { kind: "object", object: definitionOf(next++) } });
  };
  await Promise.all(Array.from({ length: 32 }, make));
});
await timed("… and established", untilEstablished);
process.stdout.write(`${"memory of the heap for them".padEnd(52)} ${(heapMB() - before).toFixed(1).padStart(9)} MB\n`);

const aggregated = { accept: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList" };
const documents: [string, string, Partial<ApiRequest>][] = [
  ["discovery, aggregated", "/apis", { headers: aggregated }],
  ["discovery, groups", "/apis", {}],
  ["discovery, one version", "/apis/g1.bench.example/v1", {}],
  ["OpenAPI v3, index", "/openapi/v3", {}],
  ["OpenAPI v3, one version", "/openapi/v3/apis/g1.bench.example/v1", {}],
  ["OpenAPI v2", "/openapi/v2", {}],
];
for (const [what, of, options] of documents) {
  await timed(`${what}, first`, () => request("GET", of, options));
  await timed(`${what}, again`, () => request("GET", of, options));
}
const things = "/apis/g1.bench.example/v1/namespaces/default/things10";
const thing = { apiVersion: "g1.bench.example/v1", kind: "Thing10", spec: { field1: "a" } };
await timed("first object of a kind", () =>
  request("POST", things, { body: { kind: "object", object: { ...thing, metadata: { name: "a" } } } }),
);
await timed("1000 more objects", async () => {
  for (let index = 0; index < 1000; index++) {
    await request("POST", things, { body: { kind: "object", object: { ...thing, metadata: { name: `b${index}` } } } });
  }
});
await server.stop();
