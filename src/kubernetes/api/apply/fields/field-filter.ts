// Which fields a request can change at all: the rest a strategy resets, so nobody comes to own it by this request.

import {
  differenceBelow,
  emptySet,
  type FieldSet,
  fieldSetOf,
  isEmptySet,
  isMember,
  makeNode,
  makeSet,
} from "./field-set.ts";
import { fieldElement } from "./path-element.ts";

/** Gives the part of a set that counts. */
export type FieldFilter = (fields: FieldSet) => FieldSet;

/** Stands for every item or field at its place in a path of onlyFields. */
export const anyElement: unique symbol = Symbol("any element");

/** A path of field names; anyElement stands for whatever comes. */
export type FieldPattern = readonly (string | typeof anyElement)[];

/** All fields but those at the paths and below: exceptFields(["status"]) for a main resource, exceptFields(["spec"]) for /status. */
export function exceptFields(...paths: readonly (readonly string[])[]): FieldFilter {
  const excluded = fieldSetOf(...paths);
  return (fields) => differenceBelow(fields, excluded);
}

/** Only fields at the paths and below: onlyFields(["spec", "containers", anyElement, "resources"]). */
export function onlyFields(...patterns: readonly FieldPattern[]): FieldFilter {
  return (fields) => filterNode(fields, patterns);
}

function filterNode(node: FieldSet, patterns: readonly FieldPattern[]): FieldSet {
  const elements: string[] = [];
  const nodes: FieldSet[] = [];
  for (const [element, below] of Object.entries(node)) {
    const matching = patterns.filter(([first]) => first === anyElement || fieldElement(first ?? "") === element);
    if (element === "." || matching.length === 0) continue;
    const kept = filterBelow(
      below,
      matching.map((pattern) => pattern.slice(1)),
    );
    if (!kept) continue;
    elements.push(element);
    nodes.push(kept);
  }
  return makeSet(elements, nodes);
}

/** A field on the way to a pattern's end counts itself, where it is in the set; below the end everything does. */
function filterBelow(node: FieldSet, rest: readonly FieldPattern[]): FieldSet | undefined {
  if (rest.some((pattern) => pattern.length === 0)) return node;
  const kept = filterNode(node, rest);
  const pairs = isEmptySet(kept) ? emptySet : kept;
  return makeNode(isMember(node), Object.keys(pairs), Object.values(pairs));
}
