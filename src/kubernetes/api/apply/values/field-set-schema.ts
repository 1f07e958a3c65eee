// What a schema adds to a set of fields: which nodes are named fields, and which changed from being owned field by field to
// being owned as a whole.

import type { Schema } from "../../schema.ts";
import { emptySet, type FieldSet, hasChildren, isMember, leaf, makeNode } from "../fields/field-set.ts";
import { decodeElement } from "../fields/path-element.ts";
import { deduced, fieldSchemaOf, isNamedField, isOwnedWhole, itemSchemaOf } from "./ownership-shape.ts";

/** The set together with every named field on the way to its members; entries of maps and items of lists are no such fields. */
export function withNamedFields(set: FieldSet, schema: Schema): FieldSet {
  return nameFields(set, schema, false) ?? emptySet;
}

function nameFields(set: FieldSet, schema: Schema, member: boolean): FieldSet | undefined {
  const elements = Object.keys(set).filter((element) => element !== ".");
  const nodes = elements.map((element) => {
    const node = set[element]!;
    const named = hasChildren(node) && isNamedElement(element, schema);
    return nameFields(node, schemaBelow(element, schema), named || isMember(node)) ?? leaf;
  });
  return makeNode(member, elements, nodes);
}

/**
 * The set as the schema has it today: fields that are owned as a whole now lose what was owned below them. The set itself
 * when nothing changed.
 */
export function reconcileWithSchema(set: FieldSet, schema: Schema): FieldSet {
  return reconcileNode(set, schema);
}

function reconcileNode(node: FieldSet, schema: Schema): FieldSet {
  let result: { [element: string]: FieldSet } | undefined;
  for (const element in node) {
    if (element === ".") continue;
    const below = node[element]!;
    const next = hasChildren(below) ? reconcileChild(below, schemaBelow(element, schema)) : below;
    if (next === below) continue;
    result ??= { ...node };
    result[element] = next;
  }
  return result ?? node;
}

function reconcileChild(node: FieldSet, schema: Schema): FieldSet {
  return isOwnedWhole(schema) ? leaf : reconcileNode(node, schema);
}

function isNamedElement(element: string, schema: Schema): boolean {
  return element.startsWith("f:") && isNamedField(schema, element.slice(2));
}

/** The schema of what an element leads to; anything where the schema does not say. */
function schemaBelow(element: string, schema: Schema): Schema {
  if (schema.kind === "list") return decodeElement(element)?.type === "field" ? deduced : itemSchemaOf(schema);
  return element.startsWith("f:") ? fieldSchemaOf(schema, element.slice(2)) : deduced;
}
