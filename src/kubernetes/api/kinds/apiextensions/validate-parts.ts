// Names, printer columns, selectable fields and subresources of a CustomResourceDefinition.

import { child, duplicate, type FieldError, invalid, item, required, tooMany } from "../../field-error.ts";
import type {
  CustomResourceColumnDefinition,
  CustomResourceDefinitionNames,
  CustomResourceSubresources,
  SelectableField,
} from "../../generated/types.ts";
import { checkDNS1035Label } from "../../names.ts";
import type { JsonSchema } from "../../structural/json-schema.ts";
import { mostSelectableFields } from "./definition-rules.ts";
import { followFieldPath } from "./field-path.ts";

export function validateDefinitionNames(names: Partial<CustomResourceDefinitionNames>, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { plural = "", singular = "", kind = "", listKind = "", shortNames = [], categories = [] } = names;
  const check = (text: string, at: string, label: string, prefix = "") => {
    const problems = text === "" ? [] : checkDNS1035Label(label);
    if (problems.length > 0) errors.push(invalid(at, text, prefix + problems.join(",")));
  };
  const mixedCase = "may have mixed case, but should otherwise match: ";
  check(plural, child(path, "plural"), plural);
  check(singular, child(path, "singular"), singular);
  check(kind, child(path, "kind"), kind.toLowerCase(), mixedCase);
  check(listKind, child(path, "listKind"), listKind.toLowerCase(), mixedCase);
  const checkAll = (texts: readonly string[], at: string) => {
    for (const [index, text] of texts.entries()) {
      const problems = checkDNS1035Label(text);
      if (problems.length > 0) errors.push(invalid(item(at, index), text, problems.join(",")));
    }
  };
  checkAll(shortNames, child(path, "shortNames"));
  if (kind !== "" && kind === listKind) {
    errors.push(invalid(child(path, "listKind"), listKind, "kind and listKind may not be the same"));
  }
  checkAll(categories, child(path, "categories"));
  return errors;
}

const columnTypes = ["boolean", "date", "integer", "number", "string"];
const columnFormats = ["byte", "date", "date-time", "double", "float", "int32", "int64", "password"];

export function validateColumns(columns: readonly CustomResourceColumnDefinition[], path: string): FieldError[] {
  return columns.flatMap((column, index) => validateColumn(column, item(path, index)));
}

function validateColumn({ name, type, format, jsonPath }: CustomResourceColumnDefinition, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!name) errors.push(required(child(path, "name")));
  const oneOfTypes = `must be one of ${columnTypes.join(",")}`;
  if (!type) errors.push(required(child(path, "type"), oneOfTypes));
  else if (!columnTypes.includes(type)) errors.push(invalid(child(path, "type"), type, oneOfTypes));
  if (format && !columnFormats.includes(format)) {
    errors.push(invalid(child(path, "format"), format, `must be one of ${columnFormats.join(",")}`));
  }
  const at = child(path, "JSONPath");
  if (!jsonPath) errors.push(required(at));
  else errors.push(...validateSimplePath(jsonPath, at));
  return errors;
}

function validateSimplePath(text: string, path: string): FieldError[] {
  return text.startsWith(".") ? [] : [invalid(path, text, "must be a simple json path starting with .")];
}

export function validateSubresources(subresources: CustomResourceSubresources | undefined, path: string): FieldError[] {
  const scale = subresources?.scale;
  if (!scale) return [];
  const { specReplicasPath, statusReplicasPath, labelSelectorPath } = scale;
  const errors = [
    ...validateReplicasPath(specReplicasPath, ".spec", child(path, "scale.specReplicasPath")),
    ...validateReplicasPath(statusReplicasPath, ".status", child(path, "scale.statusReplicasPath")),
  ];
  if (!labelSelectorPath) return errors;
  const at = child(path, "scale.labelSelectorPath");
  const simple = validateSimplePath(labelSelectorPath, at);
  if (simple.length > 0) return [...errors, ...simple];
  if (labelSelectorPath.startsWith(".spec.") || labelSelectorPath.startsWith(".status.")) return errors;
  return [...errors, invalid(at, labelSelectorPath, "should be a json path under either .spec or .status")];
}

function validateReplicasPath(text: string, root: ".spec" | ".status", path: string): FieldError[] {
  if (!text) return [required(path)];
  const simple = validateSimplePath(text, path);
  if (simple.length > 0) return simple;
  return text.startsWith(`${root}.`) ? [] : [invalid(path, text, `should be a json path under ${root}`)];
}

export function validateSelectableFields(
  fields: readonly SelectableField[],
  schema: JsonSchema,
  path: string,
  allowsMany: boolean,
): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [index, { jsonPath }] of fields.entries()) {
    const at = child(item(path, index), "jsonPath");
    if (!jsonPath) {
      errors.push(required(at));
      continue;
    }
    const result = followFieldPath(jsonPath, schema, false);
    if (!result.found) {
      errors.push(invalid(at, jsonPath, `is an invalid path: ${result.problem}`));
      continue;
    }
    if (result.first === "metadata") errors.push(invalid(at, jsonPath, "must not point to fields in metadata"));
    if (!selectableTypes.includes(result.schema?.type ?? "")) errors.push(invalid(at, jsonPath, notSelectable));
    if (seen.has(result.path)) errors.push(duplicate(at, jsonPath));
    seen.add(result.path);
  }
  if (seen.size > mostSelectableFields && !allowsMany) errors.push(tooMany(path, seen.size, mostSelectableFields));
  return errors;
}

const selectableTypes = ["string", "boolean", "integer"];
const notSelectable =
  "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.";
