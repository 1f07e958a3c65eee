// Evaluates the rules of a schema on an object. All of them together may cost so much and no more.

import {
  child,
  correlateItems,
  describeFieldError,
  duplicate,
  entry,
  type FieldError,
  forbiddenField,
  internalFieldError,
  invalid,
  isRecord,
  item,
  omittedValue,
  quote,
  required,
} from "#kubernetes/api";
import { evaluate } from "../compile.ts";
import type { Activation } from "../program/frame.ts";
import { bindSchema } from "../schema/bind-schema.ts";
import { withTypeAndMetadata } from "../schema/open-api.ts";
import { CelError, CelOptional, type CelValue, NONE } from "../values/value.ts";
import type { CompiledRule } from "./compile-rule.ts";
import type { Ratchet } from "./ratchet.ts";
import { nameOfRule, type ValidationRule } from "./rule.ts";
import type { RuleTree } from "./rule-tree.ts";

export interface Place {
  readonly path: string;
  readonly value: unknown;
  /** What it was before; undefined where it is new, or cannot be told. */
  readonly old: unknown;
  readonly ratchet: Ratchet;
}

/** What is found on the way: errors, warnings, and what may still be spent; below 0 no more rules are run. */
export interface Findings {
  readonly errors: FieldError[];
  readonly warnings: string[];
  budget: number;
}

const SPENT = -1;
const OUT_OF_BUDGET = "validation failed due to running out of cost budget, no further validation rules will be run";

export function applyRules(tree: RuleTree, place: Place, findings: Findings): void {
  if (place.value === null || place.value === undefined) return;
  applyHere(tree, place, findings);
  for (const part of tree.allOf) {
    if (findings.budget < 0) return;
    applyRules(part, { ...place, ratchet: place.ratchet.within() }, findings);
  }
  if (findings.budget < 0) return;
  if (Array.isArray(place.value)) applyToItems(tree, place, place.value, findings);
  else if (isRecord(place.value)) applyToFields(tree, place, place.value, findings);
}

function applyToItems(tree: RuleTree, place: Place, items: readonly unknown[], findings: Findings): void {
  if (!tree.items) return;
  const oldItem = correlateItems(tree.schema, place.old);
  for (const [index, value] of items.entries()) {
    if (findings.budget < 0) return;
    const below = { path: item(place.path, index), value, old: oldItem(value), ratchet: place.ratchet.item(index) };
    applyRules(tree.items, below, findings);
  }
}

type JsonObject = Readonly<Record<string, unknown>>;

function applyToFields(tree: RuleTree, place: Place, object: JsonObject, findings: Findings): void {
  const mapType = tree.schema["x-kubernetes-map-type"];
  const isCorrelatable = mapType === undefined || mapType === "granular" || mapType === "atomic";
  const old = isCorrelatable && isRecord(place.old) ? place.old : {};
  const { additional, properties } = tree;
  for (const [name, value] of Object.entries(object)) {
    const below = additional ?? properties.get(name);
    if (!below) continue;
    if (findings.budget < 0) return;
    const path = additional ? entry(place.path, name) : child(place.path, name);
    const oldValue = Object.hasOwn(old, name) ? old[name] : undefined;
    applyRules(below, { path, value, old: oldValue, ratchet: place.ratchet.field(name) }, findings);
  }
}

function applyHere(tree: RuleTree, place: Place, findings: Findings): void {
  const { type = "" } = tree.schema;
  const at = shownPath(place.path);
  if (tree.problem !== undefined) {
    findings.errors.push(invalid(at, type, `rule compiler initialization error: ${tree.problem}`));
    return;
  }
  if (tree.rules.length === 0) return;
  if (findings.budget <= 0) {
    findings.errors.push(invalid(at, type, OUT_OF_BUDGET));
    findings.budget = SPENT;
    return;
  }
  const activations = activate(tree, place);
  for (const compiled of tree.rules) {
    if (findings.budget < 0) return;
    applyRule(compiled, { tree, place, ...activations }, findings);
  }
}

/** A path of nothing is upstream's nil path. */
function shownPath(path: string): string {
  return path === "" ? "<nil>" : path;
}

interface Activations {
  readonly activation: Activation;
  /** Where oldSelf is an optional. */
  readonly optionalActivation: Activation;
}

function activate(tree: RuleTree, { value, old }: Place): Activations {
  const toValue = bindSchema(tree.isResource ? withTypeAndMetadata(tree.schema) : tree.schema);
  const self = toValue(value);
  const oldSelf = tree.usesOldSelf && hasOld(old) ? toValue(old) : undefined;
  const find =
    (oldValue: CelValue | undefined): Activation =>
    (name) =>
      name === "self" ? self : name === "oldSelf" ? oldValue : undefined;
  return {
    activation: find(oldSelf),
    optionalActivation: find(oldSelf === undefined ? NONE : new CelOptional(oldSelf)),
  };
}

function hasOld(old: unknown): boolean {
  return old !== undefined && old !== null;
}

interface RuleRun extends Activations {
  readonly tree: RuleTree;
  readonly place: Place;
}

function applyRule(compiled: CompiledRule, run: RuleRun, findings: Findings): void {
  const { rule, program } = compiled;
  const { place } = run;
  const { type = "" } = run.tree.schema;
  const at = shownPath(place.path);
  if (compiled.problem !== undefined) {
    findings.errors.push(invalid(at, type, `rule compile error: ${compiled.problem}`));
    return;
  }
  if (!program || (compiled.usesOldSelf && !hasOld(place.old) && !rule.optionalOldSelf)) return;
  const { value, cost } = evaluate(program, rule.optionalOldSelf ? run.optionalActivation : run.activation);
  if (cost > findings.budget) {
    findings.errors.push(invalid(at, type, OUT_OF_BUDGET));
    findings.budget = SPENT;
    return;
  }
  findings.budget -= cost;
  if (value instanceof CelError) reportError(value.message, { rule, at, type }, findings);
  else if (value !== true) reportFailure(compiled, run, findings);
}

interface ErrorPlace {
  readonly rule: ValidationRule;
  readonly at: string;
  readonly type: string;
}

function reportError(message: string, { rule, at, type }: ErrorPlace, findings: Findings): void {
  const name = nameOfRule(rule);
  if (message.startsWith("no such overload")) {
    const why = `'${message}': call arguments did not match a supported operator, function or macro signature for rule: ${name}`;
    findings.errors.push(invalid(at, type, why));
  } else if (message.startsWith(COST_EXCEEDED)) {
    const why = `'${message}': no further validation rules will be run due to call cost exceeds limit for rule: ${name}`;
    findings.errors.push(invalid(at, type, why));
    findings.budget = SPENT;
  } else {
    findings.errors.push(invalid(at, type, `${message} evaluating rule: ${name}`));
  }
}

const COST_EXCEEDED = "operation cancelled: actual cost limit exceeded";

function reportFailure(compiled: CompiledRule, run: RuleRun, findings: Findings): void {
  const { place, tree } = run;
  const path = compiled.fieldPath === "" ? place.path : child(place.path, compiled.fieldPath);
  const at = shownPath(path);
  const message = evaluateMessage(compiled, run, findings);
  if ("stop" in message) {
    const make = message.internal
      ? internalFieldError(at, message.stop)
      : invalid(at, tree.schema.type ?? "", message.stop);
    add(make, compiled, place, findings);
    findings.budget = SPENT;
    return;
  }
  const isPart = tree.schema.type === "object" || tree.schema.type === "array";
  const shown = isPart ? omittedValue : place.value;
  const detail = message.text ?? defaultMessage(compiled.rule);
  add(errorForReason(compiled.rule.reason, at, { shown, detail }), compiled, place, findings);
}

function add(error: FieldError, { usesOldSelf }: CompiledRule, { ratchet }: Place, findings: Findings): void {
  if (!usesOldSelf && ratchet.forgives()) findings.warnings.push(describeFieldError(error));
  else findings.errors.push(error);
}

function errorForReason(
  reason: string | undefined,
  at: string,
  { shown, detail }: { readonly shown: unknown; readonly detail: string },
): FieldError {
  switch (reason) {
    case "FieldValueForbidden":
      return forbiddenField(at, detail);
    case "FieldValueRequired":
      return required(at, detail);
    case "FieldValueDuplicate":
      return duplicate(at, shown);
    default:
      return invalid(at, shown, detail);
  }
}

function defaultMessage(rule: ValidationRule): string {
  return rule.message ? rule.message.trim() : `failed rule: ${nameOfRule(rule)}`;
}

/** The message, none where it cannot be had, or why everything stops. */
type Message = { readonly text: string | undefined } | { readonly stop: string; readonly internal: boolean };

const MAX_MESSAGE_BYTES = 5 * 1024;
const NO_MESSAGE: Message = { text: undefined };

function evaluateMessage(compiled: CompiledRule, { activation }: RuleRun, findings: Findings): Message {
  if (!compiled.messageProgram) return NO_MESSAGE;
  const { value, cost } = evaluate(compiled.messageProgram, activation);
  if (cost > findings.budget) {
    const why =
      "messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run";
    return { stop: why, internal: false };
  }
  if (value instanceof CelError && value.message.startsWith(COST_EXCEEDED)) {
    const source = quote(compiled.rule.messageExpression ?? "");
    const why = `no further validation rules will be run due to call cost exceeds limit for messageExpression: ${source}`;
    return { stop: why, internal: false };
  }
  findings.budget -= cost;
  if (typeof value !== "string") return NO_MESSAGE;
  const text = value.trim();
  const isUsable = text !== "" && !text.includes("\n") && Buffer.byteLength(text) <= MAX_MESSAGE_BYTES;
  return isUsable ? { text } : NO_MESSAGE;
}
