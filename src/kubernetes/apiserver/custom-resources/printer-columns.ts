// The columns and rows of Tables of custom resources, by the JSONPaths their definition names.

import {
  type CustomResourceColumnDefinition,
  compilePath,
  formatAge,
  type KubeObject,
  parseTime,
  printFound,
  type TableRow,
} from "#kubernetes/api";
import { ageDescription, nameColumn } from "../presentation/columns.ts";
import type { ServedColumn } from "../registry/resources/served-resource.ts";

export interface PrinterColumns {
  readonly columns: readonly ServedColumn[];
  readonly row: (object: KubeObject, now: number) => TableRow;
}

const ageColumn: CustomResourceColumnDefinition = {
  name: "Age",
  type: "date",
  description: ageDescription,
  jsonPath: ".metadata.creationTimestamp",
};

/** Without columns of its own a kind shows names and ages. Columns from the first on that has no readable path are left out. */
export function printerColumnsOf(declared: readonly CustomResourceColumnDefinition[]): PrinterColumns {
  const columns: ServedColumn[] = [nameColumn];
  const cells: ((object: KubeObject, now: number) => unknown)[] = [({ metadata }) => metadata.name ?? ""];
  for (const column of declared.length > 0 ? declared : [ageColumn]) {
    const find = compilePath(column.jsonPath);
    if (!find) break;
    const { name, type, format = "", priority = 0, description, jsonPath } = column;
    const text = description || `Custom resource definition column (in JSONPath format): ${jsonPath}`;
    columns.push({ name, type, format, priority, description: text });
    cells.push((object, now) => cellOf(find, type, object, now));
  }
  return { columns, row: (object, now) => ({ cells: cells.map((cell) => cell(object, now)) }) };
}

function cellOf(find: (root: unknown) => readonly unknown[], type: string, object: KubeObject, now: number): unknown {
  try {
    const [value] = find(object);
    return value === undefined || value === null ? null : toCell(value, type, now);
  } catch {
    return null;
  }
}

function toCell(value: unknown, type: string, now: number): unknown {
  switch (type) {
    case "string":
      return printFound(value);
    case "integer":
      return typeof value === "number" ? Math.trunc(value) : typeof value === "bigint" ? value : null;
    case "number":
      return typeof value === "number" ? value : typeof value === "bigint" ? Number(value) : null;
    case "boolean":
      return typeof value === "boolean" ? value : null;
    case "date":
      return typeof value === "string" ? ageOf(value, now) : null;
    default:
      return null;
  }
}

function ageOf(text: string, now: number): string {
  try {
    parseTime(text);
    return formatAge(text, now);
  } catch {
    return "<invalid>";
  }
}
