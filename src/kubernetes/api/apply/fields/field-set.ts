// Sets of fields: who owns what, as metadata.managedFields keeps it. A set is its own FieldsV1 document, a tree of path
// elements; operations work on that tree as it is, never change it, and share with their arguments what stays the same.

import { equalJson, isObject } from "../../patch/json-value.ts";
import { compareElements, decodeElement, encodeElement, fieldElement, PathElementError } from "./path-element.ts";

/**
 * FieldsV1 in canonical form. At the root {} is the empty set. Below it, a node without children is a field of the set; one
 * with children only leads to them, unless it has "." beside them. Elements are canonical and in upstream's order.
 */
export interface FieldSet {
  readonly [element: string]: FieldSet;
}

/** A field that is in the set and has nothing below it. */
export const leaf: FieldSet = Object.freeze({});
export const emptySet: FieldSet = leaf;

/** The mark of a node that is itself in the set although it has children. */
const self = ".";

export function isEmptySet(set: FieldSet): boolean {
  for (const _ in set) return false;
  return true;
}

/** Whether a node below the root is itself in the set. */
export function isMember(node: FieldSet): boolean {
  return node[self] !== undefined || isEmptySet(node);
}

/** Whether anything below a node is in the set. */
export function hasChildren(node: FieldSet): boolean {
  for (const element in node) if (element !== self) return true;
  return false;
}

/** A set from paths of plain field names: fieldSetOf(["spec", "replicas"], ["status"]). */
export function fieldSetOf(...paths: readonly (readonly string[])[]): FieldSet {
  return paths.reduce<FieldSet>((set, path) => {
    const node = path.reduceRight<FieldSet>((inner, name) => ({ [fieldElement(name)]: inner }), leaf);
    return union(set, node);
  }, emptySet);
}

/**
 * Puts a node together, in order; undefined when nothing would be in it. The arrays belong to the node afterwards, and pair
 * each element with what is below it.
 */
export function makeNode(member: boolean, elements: string[], nodes: FieldSet[]): FieldSet | undefined {
  if (elements.length === 0) return member ? leaf : undefined;
  sortTogether(elements, nodes);
  const node: { [element: string]: FieldSet } = {};
  if (member) node[self] = leaf;
  for (let index = 0; index < elements.length; index++) node[elements[index]!] = nodes[index]!;
  return node;
}

/** As makeNode, for the root. */
export function makeSet(elements: string[], nodes: FieldSet[]): FieldSet {
  return makeNode(false, elements, nodes) ?? emptySet;
}

/** What is in either. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || isEmptySet(b)) return a;
  return isEmptySet(a) ? b : uniteNodes(a, b, false);
}

/** What is in `a` and not in `b`. A field and the fields below it are different things: each goes only when named. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b) return emptySet;
  return isEmptySet(b) ? a : (subtract(a, b, false, differ) ?? emptySet);
}

/** What is in `a` and neither in `b` nor below a field of `b`. */
export function differenceBelow(a: FieldSet, b: FieldSet): FieldSet {
  return isEmptySet(b) ? a : (subtract(a, b, false, differBelow) ?? emptySet);
}

/** What is in both. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b) return a;
  return intersectNodes(a, b, false) ?? emptySet;
}

export function equalSets(a: FieldSet, b: FieldSet): boolean {
  return equalJson(a, b);
}

/** The fields of a set as paths, in upstream's order: at each level what is in the set first, then what is below. */
export function pathsOf(set: FieldSet, prefix: readonly string[] = []): string[][] {
  const elements = Object.keys(set).filter((element) => element !== self);
  const own = elements.filter((element) => isMember(set[element]!)).map((element) => [...prefix, element]);
  return [...own, ...elements.flatMap((element) => pathsOf(set[element]!, [...prefix, element]))];
}

/** Whether the field at a path of elements is in the set. */
export function hasPath(set: FieldSet, path: readonly string[]): boolean {
  let node: FieldSet | undefined = set;
  for (const element of path) node = node?.[element];
  return node !== undefined && path.length > 0 && isMember(node);
}

/**
 * Reads FieldsV1 a client sent into canonical form. Steps of unknown types are dropped. Throws PathElementError for what
 * upstream's parser refuses.
 */
export function readFieldSet(fields: unknown): FieldSet {
  return readNode(fields).children ?? emptySet;
}

function readNode(fields: unknown): { member: boolean; children: FieldSet | undefined } {
  if (fields === null || fields === undefined) return { member: true, children: undefined };
  if (!isObject(fields)) throw new PathElementError(`expect { or n, but found ${JSON.stringify(fields).slice(0, 1)}`);
  let member = false;
  const merged = new Map<string, FieldSet>();
  for (const [text, below] of Object.entries(fields)) {
    if (text === self) {
      member = true;
      continue;
    }
    const element = decodeElement(text);
    if (!element) continue;
    const node = nodeFrom(readNode(below));
    const canonical = encodeElement(element);
    const other = merged.get(canonical);
    merged.set(canonical, other ? uniteNodes(other, node, isMember(other) || isMember(node)) : node);
  }
  const children = makeNode(false, [...merged.keys()], [...merged.values()]);
  return { member: member || children === undefined, children };
}

function nodeFrom({ member, children }: { member: boolean; children: FieldSet | undefined }): FieldSet {
  if (!children) return leaf;
  return member ? { [self]: leaf, ...children } : children;
}

/** `member` says whether the result is itself in the set; at the root it never is. */
function uniteNodes(a: FieldSet, b: FieldSet, member: boolean): FieldSet {
  const elements: string[] = [];
  const nodes: FieldSet[] = [];
  let changed = member && a[self] === undefined && !isEmptySet(a);
  for (const element in a) {
    if (element === self) continue;
    const mine = a[element]!;
    const other = b[element];
    const node =
      other === undefined || other === mine ? mine : uniteNodes(mine, other, isMember(mine) || isMember(other));
    changed ||= node !== mine;
    elements.push(element);
    nodes.push(node);
  }
  for (const element in b) {
    if (element === self || a[element] !== undefined) continue;
    changed = true;
    elements.push(element);
    nodes.push(b[element]!);
  }
  return changed ? (makeNode(member, elements, nodes) ?? leaf) : a;
}

type Subtract = (mine: FieldSet, other: FieldSet) => FieldSet | undefined;

function differ(mine: FieldSet, other: FieldSet): FieldSet | undefined {
  return subtract(mine, other, isMember(mine) && !isMember(other), differ);
}

function differBelow(mine: FieldSet, other: FieldSet): FieldSet | undefined {
  return isMember(other) ? undefined : subtract(mine, other, isMember(mine), differBelow);
}

function subtract(a: FieldSet, b: FieldSet, member: boolean, below: Subtract): FieldSet | undefined {
  const elements: string[] = [];
  const nodes: FieldSet[] = [];
  let changed = !member && a[self] !== undefined;
  for (const element in a) {
    if (element === self) continue;
    const mine = a[element]!;
    const other = b[element];
    const node = other === undefined ? mine : below(mine, other);
    changed ||= node !== mine;
    if (node === undefined) continue;
    elements.push(element);
    nodes.push(node);
  }
  if (changed) return makeNode(member, elements, nodes);
  return elements.length > 0 || member ? a : undefined;
}

function intersectNodes(a: FieldSet, b: FieldSet, member: boolean): FieldSet | undefined {
  const elements: string[] = [];
  const nodes: FieldSet[] = [];
  for (const element in a) {
    if (element === self) continue;
    const mine = a[element]!;
    const other = b[element];
    if (other === undefined) continue;
    const node = mine === other ? mine : intersectNodes(mine, other, isMember(mine) && isMember(other));
    if (node === undefined) continue;
    elements.push(element);
    nodes.push(node);
  }
  return makeNode(member, elements, nodes);
}

/** Sorts elements and takes their nodes along. They mostly come sorted, or few. */
function sortTogether(elements: string[], nodes: FieldSet[]): void {
  if (elements.length > 50) sortMany(elements, nodes);
  else sortFew(elements, nodes);
}

function sortFew(elements: string[], nodes: FieldSet[]): void {
  for (let end = 1; end < elements.length; end++) {
    const element = elements[end]!;
    if (compareElements(elements[end - 1]!, element) <= 0) continue;
    const node = nodes[end]!;
    let place = end;
    while (place > 0 && compareElements(elements[place - 1]!, element) > 0) {
      elements[place] = elements[place - 1]!;
      nodes[place] = nodes[place - 1]!;
      place--;
    }
    elements[place] = element;
    nodes[place] = node;
  }
}

function sortMany(elements: string[], nodes: FieldSet[]): void {
  const byElement = new Map(elements.map((element, index) => [element, nodes[index]!]));
  elements.sort(compareElements);
  for (const [index, element] of elements.entries()) nodes[index] = byElement.get(element)!;
}
