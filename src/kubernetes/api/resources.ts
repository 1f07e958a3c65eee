// The table of resources the API serves out of the box: verbs, short names, categories, subresources, printer columns.

import resourceTable from "./generated/resources.json" with { type: "json" };
import columnTable from "./generated/table-columns.json" with { type: "json" };

export type Verb = "create" | "delete" | "deletecollection" | "get" | "list" | "patch" | "update" | "watch";

export interface Subresource {
  /** Such as "status", "scale", "binding". */
  readonly name: string;
  /** Group, version and kind of its body; empty group and version where it is the parent's. */
  readonly kind: readonly [group: string, version: string, kind: string];
  readonly verbs: readonly Verb[];
}

/** A served resource with what discovery says of it. */
export interface ResourceInfo {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly kind: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly verbs: readonly Verb[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly subresources?: readonly Subresource[];
}

/** A column of a Table answer; priority 0 shows always, above only in wide output. */
export interface TableColumn {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly priority: number;
}

/** All built-in resources, in discovery's order. */
export const builtInResources: readonly ResourceInfo[] = resourceTable as unknown as readonly ResourceInfo[];

const columns = columnTable as unknown as Readonly<
  Record<string, readonly (readonly [string, string, string, number])[]>
>;

/** The columns upstream prints for a built-in resource; undefined where it uses the default (name and age). */
export function tableColumnsOf(group: string, version: string, resource: string): readonly TableColumn[] | undefined {
  const rows = columns[`${group}/${version}/${resource}`];
  return rows?.map(([name, type, format, priority]) => ({ name, type, format, priority }));
}
