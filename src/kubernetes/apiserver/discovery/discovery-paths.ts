// Serves discovery: each document is made when first asked for and kept until something else is served.

import { createHash } from "node:crypto";
import type { ShownGroups } from "../aggregation/shown-groups.ts";
import type { Answer, BytesAnswer, Call, Handler, ObjectAnswer } from "../call.ts";
import {
  type Encoding,
  type MediaType,
  negotiate,
  notAccepted,
  requireRoute,
  routeTypes,
} from "../http/media-types.ts";
import { pageNotFound } from "../paths/page-not-found.ts";
import { methodNotAllowed, resourceNotFound } from "../registry/registry.ts";
import type { ResourceTable } from "../registry/resources/resource-table.ts";
import { aggregatedDiscovery } from "./aggregated.ts";
import { groupDocument, groupList, legacyVersions, resourceList } from "./resource-list.ts";

export interface DiscoveryOptions {
  /** Everything that can be asked for, whoever serves it. */
  readonly groups: ShownGroups;
  /** What is served here. */
  readonly resources: ResourceTable;
  /** Where clients reach the server, as host:port. */
  readonly address: () => string;
}

/** Answers /api, /apis and everything below that names no resource. */
export function createDiscoveryHandler(options: DiscoveryOptions): Handler {
  const { groups: shown } = options;
  const kept = new Map<string, BytesAnswer>();
  let { generation } = shown;
  const keep = (key: string, make: () => BytesAnswer): BytesAnswer => {
    if (generation !== shown.generation) {
      kept.clear();
      generation = shown.generation;
    }
    let answer = kept.get(key);
    if (!answer) {
      answer = make();
      kept.set(key, answer);
    }
    return answer;
  };
  return async (call) => {
    const [root, group, version] = call.request.path.split("/").filter((segment) => segment !== "");
    const isLegacy = root === "api";
    const document = isLegacy ? legacyDocument(options, group) : groupsDocument(options, group, version);
    if (!document) return notFound(options, isLegacy, group, version);
    // Groups are told of by handlers of their own, versions by those who serve them.
    if (isLegacy || (version !== undefined && !isCustom(options, group!, version))) requireReading(call);
    if (group === undefined && asksForAggregated(call)) {
      const groups = () => shown.all().filter(({ name }) => (name === "") === isLegacy);
      return matchETag(
        call,
        keep(root!, () => aggregatedAnswer(aggregatedDiscovery(groups()))),
      );
    }
    if (!negotiate(call.request.headers["accept"], encodings)) throw notAccepted(encodings, "");
    return objectAnswer(document);
  };
}

const encodings: readonly Encoding[] = ["json", "yaml", "protobuf"];
const types = routeTypes(encodings, false);

/** Upstream's router lets through what reads, in a form it has. */
function requireReading({ request }: Call): void {
  if (request.method !== "GET") throw methodNotAllowed();
  requireRoute(request.headers["accept"], types);
}

function isCustom({ resources }: DiscoveryOptions, group: string, version: string): boolean {
  return resources.version(group, version)?.resources.every(({ custom }) => custom !== undefined) ?? false;
}

/** A version that a group of the server's own has not got is a resource that is not there; all else, a page. */
function notFound(
  { resources }: DiscoveryOptions,
  isLegacy: boolean,
  group: string | undefined,
  version: string | undefined,
): Answer {
  const found = resources.groups().find(({ name }) => name === group);
  const isOurs = found?.versions.some((each) => each.resources.some(({ custom }) => custom === undefined));
  if (isLegacy || (version !== undefined && isOurs)) throw resourceNotFound();
  return pageNotFound;
}

function legacyDocument(
  { groups, resources, address }: DiscoveryOptions,
  version: string | undefined,
): object | undefined {
  if (version === undefined) return legacyVersions(groups.group("")!, address());
  const found = resources.version("", version);
  return found && resourceList(found);
}

function groupsDocument(
  { groups, resources }: DiscoveryOptions,
  group: string | undefined,
  version: string | undefined,
): object | undefined {
  if (group === undefined) return groupList(groups.all().filter(({ name }) => name !== ""));
  if (version !== undefined) {
    const found = resources.version(group, version);
    return found && resourceList(found);
  }
  const found = groups.group(group);
  return found && groupDocument(found);
}

function objectAnswer(object: object): ObjectAnswer {
  return { kind: "object", status: 200, document: { object } };
}

function asksForAggregated({ request }: Call): boolean {
  const accept = request.headers["accept"];
  if (!accept?.includes("APIGroupDiscoveryList")) return false;
  const isOffered = ({ group, version, kind }: NonNullable<MediaType["as"]>) =>
    group === "apidiscovery.k8s.io" && kind === "APIGroupDiscoveryList" && version === "v2";
  return negotiate(accept, ["json"], isOffered)?.as !== undefined;
}

function aggregatedAnswer(document: object): BytesAnswer {
  const body = Buffer.from(JSON.stringify(document));
  const hash = createHash("sha256").update(body).digest("hex").toUpperCase();
  return {
    kind: "bytes",
    status: 200,
    headers: {
      "content-type": "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
      etag: `"${hash}"`,
      vary: "Accept",
      "cache-control": "public",
    },
    body,
  };
}

/** A client that has this very document is told so. */
function matchETag(call: Call, answer: BytesAnswer): BytesAnswer {
  const etag = answer.headers["etag"]!;
  if (!call.request.headers["if-none-match"]?.includes(etag)) return answer;
  return {
    kind: "bytes",
    status: 304,
    headers: { etag, vary: "Accept", "cache-control": "public" },
    body: Buffer.alloc(0),
  };
}
