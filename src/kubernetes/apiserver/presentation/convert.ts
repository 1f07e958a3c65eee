// Answers in another form than their own: as a Table, or cut down to metadata.

import { internalTypeName, type KubeObject, StatusError } from "#kubernetes/api";
import type { ListAnswer, ObjectAnswer } from "../call.ts";
import type { MediaType } from "../http/media-types.ts";
import type { ServedResource } from "../registry/resources/served-resource.ts";
import { partialMetadata, partialMetadataList } from "./partial-metadata.ts";
import { readIncludeObject, tableOf } from "./table.ts";

export interface ConvertOptions {
  readonly query: URLSearchParams;
  /** Milliseconds, for ages. */
  readonly now: number;
}

/** Undefined for answers that are neither objects nor lists of a resource. Throws NotAcceptable. */
export function convertAnswer(
  answer: ObjectAnswer | ListAnswer,
  as: NonNullable<MediaType["as"]>,
  { query, now }: ConvertOptions,
): object | undefined {
  const { resource } = answer;
  if (!resource) return undefined;
  const isList = answer.kind === "list";
  const objects = isList ? answer.items.map(({ object }) => object) : [answer.document.object];
  if (!isList && (objects[0] as KubeObject).kind === "Status") return undefined;
  const metadata = isList ? answer.metadata : versionOf(objects[0] as KubeObject);
  const apiVersion = `meta.k8s.io/${as.version}`;
  if (as.kind === "Table") {
    return tableOf(objects, { resource, metadata, version: as.version, includeObject: readIncludeObject(query), now });
  }
  if (as.kind === "PartialObjectMetadataList") {
    if (isList) return partialMetadataList(objects, metadata, apiVersion);
    throw notConvertible("PartialObjectMetadataList", `is not a list (${nameOf(resource, resource.info.kind)})`);
  }
  if (!isList) return partialMetadata(objects[0] as KubeObject, apiVersion);
  throw notConvertible("PartialObjectMetadata", `is a list (${nameOf(resource, resource.listKind)})`);
}

/** Custom resources have no types of their own. */
function nameOf({ info, custom }: ServedResource, kind: string): string {
  if (!custom) return internalTypeName(info.group, kind);
  return kind === info.kind ? "*unstructured.Unstructured" : "*unstructured.UnstructuredList";
}

function versionOf({ metadata }: KubeObject): { resourceVersion?: string } {
  return metadata.resourceVersion === undefined ? {} : { resourceVersion: metadata.resourceVersion };
}

function notConvertible(wanted: string, why: string): StatusError {
  const message = `you requested ${wanted}, but the requested object ${why}`;
  return new StatusError({ code: 406, reason: "NotAcceptable", message });
}
