// A configuration as a file for people: what was chosen, each field under its description, and beside it what may be chosen, with its
// default, commented out.

import { stringify } from "yaml";
import { configApiVersion } from "./cluster-config.ts";
import { dependentDefaults } from "./dependent-defaults.ts";
import { configField, fitsSection, type SchemaField } from "./schema-field.ts";
import type { ConfigDraft } from "./set-value.ts";

/** YAML that reads back as the draft, with the apiVersion and kind it must have. */
export function writeConfig(draft: ConfigDraft): string {
  const { description, fields } = configField();
  const whole = {
    ...startingPoint(fields),
    ...dependentSections(draft),
    ...draft,
    apiVersion: configApiVersion,
    kind: "Cluster",
  };
  const head = `# ${description} Every field there is: slipway config explain\napiVersion: ${configApiVersion}\nkind: Cluster\n`;
  const sections = fields
    .filter(({ name }) => name !== "apiVersion" && name !== "kind")
    .map((field) => writeField(field, whole, 0))
    .filter((section) => section !== "");
  return [head, ...sections].join("\n");
}

/** Sections whose default is more than nothing: what a cluster is made of shall be seen in its file. */
function startingPoint(fields: readonly SchemaField[]): ConfigDraft {
  const given = fields.filter(({ defaultValue }) => typeof defaultValue === "object" && !isEmpty(defaultValue));
  return Object.fromEntries(given.map(({ name, defaultValue }) => [name, defaultValue]));
}

/** Lists whose default is another one with what was chosen. */
function dependentSections(draft: ConfigDraft): ConfigDraft {
  return Object.fromEntries(Object.entries(dependentDefaults(draft)).filter(([, value]) => Array.isArray(value)));
}

/** The field with its comment; commented out where it was not chosen; "" where there is nothing worth showing. */
function writeField(field: SchemaField, container: Readonly<Record<string, unknown>>, depth: number): string {
  const value = container[field.name];
  if (value === undefined) return fitsSection(field, container) ? writeDefault(field) : "";
  const comment = field.description === undefined ? "" : `# ${field.description}\n`;
  return `${comment}${writeValue(field, value, depth)}`;
}

function writeValue(field: SchemaField, value: unknown, depth: number): string {
  if (field.fields.length === 0 || isEmpty(value)) return writeLeaf(field.name, value);
  if (Array.isArray(value)) {
    // What the fields of an entry mean, and which more there are, is said once.
    const [first, ...others] = value as Record<string, unknown>[];
    const silent = withoutComments(field);
    const entries = [
      listEntry(writeFields(field, first!, depth + 1)),
      ...others.map((entry) => listEntry(writeFields(silent, entry, 2))),
    ];
    return `${field.name}:\n${indent(entries.join(""))}`;
  }
  return `${field.name}:\n${indent(writeFields(field, value as Record<string, unknown>, depth + 1))}`;
}

function withoutComments({ description: _, ...field }: SchemaField): SchemaField {
  return { ...field, fields: field.fields.map(withoutComments) };
}

function writeFields(section: SchemaField, value: Readonly<Record<string, unknown>>, depth: number): string {
  const fields = section.fields.filter((field) => fitsSection(field, value));
  const chosen = fields.filter(({ name }) => value[name] !== undefined);
  // Below the sections only what was chosen is shown, or the file becomes a manual.
  const others = depth > 1 ? [] : fields.filter((field) => !chosen.includes(field));
  return [...chosen, ...others].map((field) => writeField(field, value, depth)).join("");
}

/** "- " before the first line that is no comment; comments before it stay above the entry. */
function listEntry(text: string): string {
  const lines = text.trimEnd().split("\n");
  const first = lines.findIndex((line) => !line.startsWith("#"));
  return lines.map((line, index) => `${index === first ? "- " : index < first ? "" : "  "}${line}\n`).join("");
}

function writeLeaf(name: string, value: unknown): string {
  return stringify({ [name]: value }, { lineWidth: 0 });
}

/** A section that was left out with its fields, or a single field, as comments: without their first "# " the lines are YAML. */
function writeDefault(field: SchemaField): string {
  const { defaultValue, description, name, fields } = field;
  if (defaultValue === undefined) return "";
  const about = description === undefined ? "" : `# ${description}\n`;
  if (typeof defaultValue !== "object") return `${about}# ${writeLeaf(name, defaultValue)}`;
  if (Array.isArray(defaultValue) || fields.length === 0) return "";
  const chosen = (defaultValue ?? {}) as Readonly<Record<string, unknown>>;
  const fitting = fields.filter((inner) => fitsSection(inner, chosen));
  const inner = fitting
    .map((each) => writeInnerDefault({ ...each, defaultValue: chosen[each.name] ?? each.defaultValue }))
    .join("");
  return inner === "" ? "" : `${about}# ${name}:\n${inner.replaceAll(/^(?=.)/gm, "#   ")}`;
}

function writeInnerDefault({ defaultValue, description, name }: SchemaField): string {
  if (defaultValue === undefined || typeof defaultValue === "object") return "";
  return `${description === undefined ? "" : `# ${description}\n`}${writeLeaf(name, defaultValue)}`;
}

function isEmpty(value: unknown): boolean {
  return typeof value !== "object" || value === null || Object.keys(value).length === 0;
}

function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, "  ");
}
