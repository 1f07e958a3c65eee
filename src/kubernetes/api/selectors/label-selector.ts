// Label selectors: from text, from a LabelSelector of an object, or from plain labels, to a test of objects' labels.

import type { LabelSelector as LabelSelectorObject } from "../generated/types.ts";
import { quote } from "../go-format.ts";
import { parseRequirements } from "./parse-labels.ts";
import {
  compileRequirement,
  formatRequirement,
  type LabelOperator,
  type LabelRequirement,
  type Labels,
  makeRequirement,
  SelectorError,
} from "./requirement.ts";

/** Never changes. */
export interface Selector {
  /** All of them must hold; in the order of their keys. */
  readonly requirements: readonly LabelRequirement[];
  /** Selects everything. */
  readonly isEmpty: boolean;
  matches(labels: Labels | undefined): boolean;
  /** The value that alone is taken of a label, where one requirement says so: what an index can use. */
  exactValue(key: string): string | undefined;
  /** The canonical text, which reads as the same selector. */
  toString(): string;
}

/** Selects everything. */
export const everything: Selector = createSelector([]);

/** Selects nothing: what an absent LabelSelector stands for. */
export const nothing: Selector = { ...everything, isEmpty: false, matches: () => false };

/** Reads a selector from text; "" selects everything. Throws SelectorError. */
export function parseSelector(text: string): Selector {
  return createSelector(parseRequirements(text));
}

/** The selector of a LabelSelector: absent selects nothing, empty everything. Throws SelectorError. */
export function selectorOf(selector: LabelSelectorObject | undefined): Selector {
  if (!selector) return nothing;
  const requirements: LabelRequirement[] = [];
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
    requirements.push(makeRequirement(key, "=", [value]));
  }
  for (const { key, operator, values = [] } of selector.matchExpressions ?? []) {
    requirements.push(makeRequirement(key, readOperator(operator), values));
  }
  return createSelector(requirements);
}

/** Selects objects with all of these labels, which are not checked; none selects everything. */
export function selectorOfLabels(labels: Labels | undefined): Selector {
  const entries = Object.entries(labels ?? {});
  return createSelector(entries.map(([key, value]) => ({ key, operator: "=", values: [value] })));
}

/** Asks all of the given requirements, which were checked. */
export function createSelector(unsorted: readonly LabelRequirement[]): Selector {
  const requirements = unsorted.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const tests = requirements.map(compileRequirement);
  return {
    requirements,
    isEmpty: tests.length === 0,
    matches: (labels = noLabels) => tests.every((test) => test(labels)),
    exactValue: (key) => exactValueOf(requirements, key),
    toString: () => requirements.map(formatRequirement).join(","),
  };
}

const noLabels: Labels = {};

/** For people, as kubectl shows it: "<none>" for what selects everything or nothing, "<error>" for a broken one. */
export function formatLabelSelector(selector: LabelSelectorObject | undefined): string {
  try {
    return selectorOf(selector).toString() || "<none>";
  } catch (error) {
    if (error instanceof SelectorError) return "<error>";
    throw error;
  }
}

/** "a=1,b=2", in order: also the text of a selector for them. */
export function formatLabels(labels: Labels | undefined): string {
  return Object.entries(labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(",");
}

function readOperator(operator: string): LabelOperator {
  const operators: Readonly<Record<string, LabelOperator>> = {
    In: "in",
    NotIn: "notin",
    Exists: "exists",
    DoesNotExist: "!",
  };
  const known = Object.hasOwn(operators, operator) ? operators[operator] : undefined;
  if (!known) throw new SelectorError(`${quote(operator)} is not a valid label selector operator`);
  return known;
}

function exactValueOf(requirements: readonly LabelRequirement[], key: string): string | undefined {
  const requirement = requirements.find((one) => one.key === key);
  if (!requirement || !["in", "=", "=="].includes(requirement.operator)) return undefined;
  return requirement.values.length === 1 ? requirement.values[0] : undefined;
}
