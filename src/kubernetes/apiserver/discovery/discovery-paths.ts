// Serves discovery: each document is made when first asked for and kept until something else is served.

import { createHash } from "node:crypto";
import type { ShownGroups } from "../aggregation/shown-groups.ts";
import type { Answer, BytesAnswer, Call, Handler, ObjectAnswer } from "../call.ts";
import { type MediaType, negotiate } from "../http/media-types.ts";
import { pageNotFound } from "../paths/page-not-found.ts";
import { resourceNotFound } from "../registry/registry.ts";
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
    if (group === undefined) {
      const aggregated = asksForAggregated(call);
      if (aggregated) {
        const groups = () => shown.all().filter(({ name }) => (name === "") === isLegacy);
        const make = () => aggregatedAnswer(aggregatedDiscovery(groups(), aggregated), aggregated);
        return matchETag(call, keep(`${root} ${aggregated}`, make));
      }
    }
    const document = isLegacy ? legacyDocument(options, group) : groupsDocument(options, group, version);
    if (!document) return version === undefined && !isLegacy && group !== undefined ? groupNotFound() : pageNotFound;
    return objectAnswer(document);
  };
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

function groupNotFound(): Answer {
  throw resourceNotFound();
}

function asksForAggregated({ request }: Call): "v2" | "v2beta1" | undefined {
  const accept = request.headers["accept"];
  if (!accept?.includes("APIGroupDiscoveryList")) return undefined;
  const isOffered = ({ group, version, kind }: NonNullable<MediaType["as"]>) =>
    group === "apidiscovery.k8s.io" && kind === "APIGroupDiscoveryList" && /^v2(beta1)?$/.test(version);
  return negotiate(accept, ["json"], isOffered)?.as?.version as "v2" | "v2beta1" | undefined;
}

function aggregatedAnswer(document: object, version: string): BytesAnswer {
  const body = Buffer.from(JSON.stringify(document));
  const hash = createHash("sha256").update(body).digest("hex").toUpperCase();
  return {
    kind: "bytes",
    status: 200,
    headers: {
      "content-type": `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
      etag: `"${hash}"`,
      vary: "Accept",
    },
    body,
  };
}

/** A client that has this very document is told so. */
function matchETag(call: Call, answer: BytesAnswer): BytesAnswer {
  const etag = answer.headers["etag"]!;
  if (!call.request.headers["if-none-match"]?.includes(etag)) return answer;
  return { kind: "bytes", status: 304, headers: { etag, vary: "Accept" }, body: Buffer.alloc(0) };
}
