// Tables: what kubectl shows, one row per object, its cells made by the kind.

import { invalid, invalidObject, type KubeObject, type ListMeta, type TableRow } from "#kubernetes/api";
import type { ServedResource } from "../registry/resources/served-resource.ts";
import { partialMetadata } from "./partial-metadata.ts";

/** How much of its object a row carries. */
export type IncludeObject = "None" | "Metadata" | "Object";

/** Reads the parameter. Throws Invalid. */
export function readIncludeObject(query: URLSearchParams): IncludeObject {
  const value = query.get("includeObject") || "Metadata";
  if (value === "None" || value === "Metadata" || value === "Object") return value;
  const detail = "must be 'Metadata', 'Object', 'None', or empty";
  throw invalidObject({ group: "meta.k8s.io", kind: "TableOptions" }, "", [invalid("includeObject", value, detail)]);
}

export interface TableOptions {
  readonly resource: ServedResource;
  readonly metadata: ListMeta;
  /** "v1" or "v1beta1". */
  readonly version: string;
  readonly includeObject: IncludeObject;
  /** Milliseconds, for ages. */
  readonly now: number;
  /** Later events of a watch leave the columns out. */
  readonly withoutColumns?: boolean;
}

export function tableOf(objects: readonly object[], options: TableOptions): object {
  const { resource, version } = options;
  const apiVersion = `meta.k8s.io/${version}`;
  return {
    kind: "Table",
    apiVersion,
    metadata: options.metadata,
    columnDefinitions: options.withoutColumns ? null : columnDefinitions(resource),
    rows: inOrder(resource, objects).map((object) => ({
      ...cellsOf(resource, object as KubeObject, options.now),
      object: embed(object as KubeObject, apiVersion, options.includeObject),
    })),
  };
}

function inOrder({ definition: { compareRows } }: ServedResource, objects: readonly object[]): readonly object[] {
  return compareRows ? objects.toSorted((a, b) => compareRows(a as never, b as never)) : objects;
}

function columnDefinitions({ columns }: ServedResource): object[] {
  return columns.map(({ name, type, format, priority, description }) => ({
    name,
    type,
    format,
    description: description ?? "",
    priority,
  }));
}

function cellsOf({ definition }: ServedResource, object: KubeObject, now: number): TableRow {
  return definition.tableCells?.(object as never, now) ?? defaultCells(object);
}

/** Of kinds without columns of their own: the name and when it was made. */
function defaultCells({ metadata }: KubeObject): TableRow {
  return { cells: [metadata.name ?? "", metadata.creationTimestamp ?? null] };
}

function embed(object: KubeObject, apiVersion: string, include: IncludeObject): object | null {
  if (include === "None") return null;
  return include === "Object" ? object : partialMetadata(object, apiVersion);
}
