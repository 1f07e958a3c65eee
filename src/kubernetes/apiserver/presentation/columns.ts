// The columns of Tables: what a real server was recorded to say of them, and those of a kind that says nothing of its own.

import type { TableColumn } from "#kubernetes/api";
import type { ServedColumn } from "../registry/resources/served-resource.ts";
import recorded from "./column-descriptions.json" with { type: "json" };

const { Name: nameDescription, Age: ageDescription, ...kinds } = recorded;
const ofKinds: Readonly<Record<string, Readonly<Record<string, string>>>> = kinds;

export { ageDescription };

export const nameColumn: ServedColumn = describeColumn({ name: "Name", type: "string", format: "name", priority: 0 });
export const createdColumn: ServedColumn = {
  name: "Created At",
  type: "date",
  format: "",
  priority: 0,
  description: ageDescription,
};

/**
 * A column with its description as recorded: of names and ages in every kind, of others where `kind`, such as "apps/deployments", was
 * recorded. Others have none: the words are documentation, which is not taken from upstream's source.
 */
export function describeColumn(column: TableColumn, kind = ""): ServedColumn {
  const description = describe(column, ofKinds[kind]);
  return description === undefined ? column : { ...column, description };
}

function describe({ name }: TableColumn, own: Readonly<Record<string, string>> = {}): string | undefined {
  if (name === "Name") return nameDescription;
  return name === "Age" ? ageDescription : own[name];
}
