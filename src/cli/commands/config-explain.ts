// slipway config explain

import type { Command } from "commander";
import { findField, type SchemaField } from "#config";
import { exitCodes, UserError } from "#shared";
import type { CliContext } from "../context.ts";
import { wrapText } from "../text/wrap-text.ts";

interface ExplainOptions {
  readonly recursive?: boolean;
  readonly json?: boolean;
}

export function define(command: Command, context: CliContext): void {
  command
    .argument("[path]", "a field, such as network.podCIDR or workers.count; without it the whole file")
    .option("-r, --recursive", "the names of all fields below it")
    .option("--json", "as JSON")
    .action((path: string | undefined, options: ExplainOptions) => explain(context, path ?? "", options));
}

function explain(context: CliContext, path: string, options: ExplainOptions): void {
  const found = findField(path);
  if (!found.field) {
    throw new UserError(`Cannot explain ${path}: ${found.problem}`, { exitCode: exitCodes.notFound });
  }
  const layout = { isRecursive: options.recursive === true, columns: context.columns() };
  context.out(options.json ? `${JSON.stringify(found.field, null, 2)}\n` : describe(found.field, layout));
}

interface Layout {
  readonly isRecursive: boolean;
  readonly columns: number;
}

function describe(field: SchemaField, { isRecursive, columns }: Layout): string {
  const title = field.path === "" ? "FILE:     slipway.yaml\n" : `FIELD:    ${field.path} <${field.type}>\n`;
  const about = field.description === undefined ? "" : `\nDESCRIPTION:\n${indentText(field.description, columns)}`;
  const notes = Object.entries(field.allowedNotes ?? {});
  const values = notes.map(([value, note]) => `  ${value}\n${indentText(note, columns)}`).join("");
  const list = isRecursive
    ? field.fields.map((child) => nameTree(child, 2))
    : field.fields.map((one) => summarize(one, columns));
  const fields = list.length === 0 ? "" : `\nFIELDS:\n${list.join(isRecursive ? "" : "\n")}`;
  return `${title}${factsOf(field, "")}${about}${values === "" ? "" : `\nVALUES:\n${values}`}${fields}`;
}

/** What is known of the value, one line each. */
function factsOf(field: SchemaField, indent: string): string {
  const { defaultValue, allowed, limits, onlyWith, isRequired, path } = field;
  const facts: [string, string][] = [
    ...(isRequired && path !== "" ? [["REQUIRED:", "yes"] as [string, string]] : []),
    ...(defaultValue === undefined ? [] : [["DEFAULT:", JSON.stringify(defaultValue)] as [string, string]]),
    ...(allowed ? [["ALLOWED:", allowed.map((value) => JSON.stringify(value)).join(", ")] as [string, string]] : []),
    ...(limits.length > 0 ? [["LIMITS:", limits.join(", ")] as [string, string]] : []),
    ...(onlyWith === undefined
      ? []
      : [["ONLY:", `with ${onlyWith.field}: ${onlyWith.values.join(" or ")}`] as [string, string]]),
  ];
  return facts.map(([name, value]) => `${indent}${name.padEnd(10)}${value}\n`).join("");
}

function summarize(field: SchemaField, columns: number): string {
  const { name, type, isRequired, defaultValue, allowed, onlyWith, description } = field;
  const notes = [
    ...(isRequired ? ["required"] : []),
    ...(defaultValue === undefined || typeof defaultValue === "object"
      ? []
      : [`default ${JSON.stringify(defaultValue)}`]),
    ...(allowed && allowed.length > 1 ? [`one of ${allowed.join(", ")}`] : []),
    ...(onlyWith === undefined ? [] : [`with ${onlyWith.field}: ${onlyWith.values.join(" or ")}`]),
  ];
  const head = `  ${name}\t<${type}>${notes.length > 0 ? ` ${notes.join("; ")}` : ""}\n`;
  return description === undefined ? head : `${head}${indentText(description, columns)}`;
}

function nameTree(field: SchemaField, indent: number): string {
  const children = field.fields.map((child) => nameTree(child, indent + 2)).join("");
  return `${" ".repeat(indent)}${field.name}\t<${field.type}>${field.isRequired ? " required" : ""}\n${children}`;
}

function indentText(text: string, columns: number): string {
  return wrapText(text, columns - 4)
    .map((line) => `    ${line}\n`)
    .join("");
}
