// Serves OpenAPI: version 2 as one document in JSON or protobuf, version 3 as an index and a document for each group version.
// Documents are made when first asked for and kept until other resources are served.

import { createHash } from "node:crypto";
import type { RemoteOpenApi } from "../aggregation/remote-openapi.ts";
import type { ShownGroups } from "../aggregation/shown-groups.ts";
import type { Answer, BytesAnswer, Call, Handler } from "../call.ts";
import type { ApiVersion, ResourceTable } from "../registry/resources/resource-table.ts";
import { documentV3 } from "./document-v3.ts";
import { WriterV2 } from "./writer-v2.ts";

export interface OpenApiOptions {
  readonly resources: ResourceTable;
  /** Other servers' versions are shown in the index. */
  readonly groups: ShownGroups;
  /** Other servers' documents of version 2 are a part of ours. */
  readonly remotes: RemoteOpenApi;
  /** "1.36". */
  readonly release: string;
  /** What the server is built from: another one may describe the same resources otherwise. */
  readonly build: string;
}

export interface OpenApiHandlers {
  readonly v2: Handler;
  /** The index and everything below. */
  readonly v3: Handler;
}

export function createOpenApi(options: OpenApiOptions): OpenApiHandlers {
  const keep = keepFor(options.resources);
  const writer = new WriterV2(options);
  return {
    v2: (call) => serveV2(call, writer),
    v3: async (call) => serveV3(call, options, keep),
  };
}

type Keep = <T>(key: string, make: () => T) => T;

/** Remembers what was made, until the table changes. */
function keepFor(resources: ResourceTable): Keep {
  const kept = new Map<string, unknown>();
  let generation = resources.generation;
  return <T>(key: string, make: () => T): T => {
    if (generation !== resources.generation) {
      kept.clear();
      generation = resources.generation;
    }
    if (!kept.has(key)) kept.set(key, make());
    return kept.get(key) as T;
  };
}

const protobufType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
const vary = "Accept";

async function serveV2(call: Call, writer: WriterV2): Promise<BytesAnswer> {
  const form = formOf(call.request.headers["accept"]);
  if (!form) return { kind: "bytes", status: 406, headers: { vary }, body: nothing };
  const { body, hash } = await writer.write(form);
  const type = form === "json" ? "application/json" : protobufType;
  return withETag(call, { kind: "bytes", status: 200, headers: { "content-type": type, vary }, body }, hash);
}

function formOf(accept: string | undefined): "json" | "protobuf" | undefined {
  for (const clause of (accept || "*/*").split(",")) {
    const type = clause.split(";")[0]!.trim();
    if (type === "application/json" || type === "application/*" || type === "*/*") return "json";
    if (type.replace("@", ".") === protobufType) return "protobuf";
  }
  return undefined;
}

function serveV3(call: Call, options: OpenApiOptions, keep: Keep): Answer {
  const versions = keep("v3", () => versionsByPath(options));
  const path = call.request.path.replace(/^\/openapi\/v3\/?/, "").replace(/\/$/, "");
  if (path === "") return index(versions, options.groups);
  const found = versions.get(path);
  if (!found) return { kind: "bytes", status: 404, headers: {}, body: nothing };
  const wanted = call.request.query.get("hash");
  if (wanted && wanted !== found.hash) return redirect(path, found.hash);
  const body = bodyOf(found.version, options.release);
  const caching: Readonly<Record<string, string>> = wanted
    ? { "cache-control": "public, immutable", expires: new Date(Date.now() + yearMs).toUTCString() }
    : {};
  const headers = { "content-type": "application/json", vary, ...caching };
  return withETag(call, { kind: "bytes", status: 200, headers, body }, found.hash);
}

interface HashedVersion {
  readonly version: ApiVersion;
  readonly hash: string;
}

function versionsByPath({ resources, build }: OpenApiOptions): Map<string, HashedVersion> {
  const found = new Map<string, HashedVersion>();
  for (const { versions } of resources.groups()) {
    for (const version of versions) {
      const path = version.group === "" ? `api/${version.version}` : `apis/${version.group}/${version.version}`;
      found.set(path, { version, hash: hashVersion(version, build) });
    }
  }
  return found;
}

/** A version is the same object until something of it changes: other definitions that come and go cost it nothing. */
const hashes = new WeakMap<ApiVersion, string>();
const bodies = new WeakMap<ApiVersion, Uint8Array>();

function bodyOf(version: ApiVersion, release: string): Uint8Array {
  let body = bodies.get(version);
  if (!body) {
    body = Buffer.from(JSON.stringify(documentV3(version, release)));
    bodies.set(version, body);
  }
  return body;
}

function hashVersion(version: ApiVersion, build: string): string {
  let hash = hashes.get(version);
  if (hash === undefined) {
    hash = makeHash(version, build);
    hashes.set(version, hash);
  }
  return hash;
}

/** Tells documents apart without making them: by what they are made from. */
function makeHash({ resources }: ApiVersion, build: string): string {
  const parts = resources.map(({ info, custom }) => [info, custom?.fingerprint]);
  return hashOf(JSON.stringify([build, parts]));
}

function hashOf(content: string | Uint8Array): string {
  return createHash("sha512").update(content).digest("hex").toUpperCase();
}

function index(versions: ReadonlyMap<string, HashedVersion>, groups: ShownGroups): BytesAnswer {
  const own = [...versions].map(([path, { hash }]) => [path, `/openapi/v3/${path}?hash=${hash}`] as const);
  const urls = new Map([...own, ...urlsOfOthers(groups)]);
  const entries = [...urls].sort(([a], [b]) => (a < b ? -1 : 1));
  const paths = Object.fromEntries(entries.map(([path, serverRelativeURL]) => [path, { serverRelativeURL }]));
  const body = Buffer.from(JSON.stringify({ paths }));
  return { kind: "bytes", status: 200, headers: { "content-type": "text/plain; charset=utf-8" }, body };
}

function urlsOfOthers(groups: ShownGroups): (readonly [path: string, url: string])[] {
  const versions = groups.all().flatMap((group) => group.versions);
  return versions.flatMap(({ group, version, served }) =>
    served.by === "other" && served.openApiUrl ? [[`apis/${group}/${version}`, served.openApiUrl] as const] : [],
  );
}

function redirect(path: string, hash: string): BytesAnswer {
  const location = `/openapi/v3/${path}?hash=${hash}`;
  return { kind: "bytes", status: 301, headers: { location, etag: `"${hash}"`, vary }, body: nothing };
}

function withETag(call: Call, answer: BytesAnswer, hash: string): BytesAnswer {
  const etag = `"${hash}"`;
  const headers = { ...answer.headers, etag };
  if (!call.request.headers["if-none-match"]?.includes(etag)) return { ...answer, headers };
  return { kind: "bytes", status: 304, headers: { etag, vary }, body: nothing };
}

const nothing = new Uint8Array();
const yearMs = 365 * 24 * 3600 * 1000;
