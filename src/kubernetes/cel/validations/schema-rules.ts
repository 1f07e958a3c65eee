// What CustomResourceDefinitions are held to by their rules: that these compile, and what they can cost.

import { child, type FieldError, forbiddenField, internalFieldError, invalid, item } from "#kubernetes/api";
import { declareSchema } from "../schema/declare-schema.ts";
import { applyRules, type Findings } from "./apply-rules.ts";
import { type CompiledRule, compileRules } from "./compile-rule.ts";
import { OBJECT_COST_BUDGET } from "./object-rules.ts";
import { Ratchet } from "./ratchet.ts";
import { type RuledSchema, rulesOf, type ValidationRule } from "./rule.ts";
import { buildRuleTree } from "./rule-tree.ts";

/** The most one rule may cost, wherever it applies. */
const MAX_RULE_COST = 10_000_000;
/** The most all rules of a schema may cost. */
const MAX_SCHEMA_COST = 100_000_000;
const MOST = 2 ** 64;

export interface SchemaPlace {
  readonly schema: RuledSchema;
  readonly path: string;
  /** The schemas from below the root down to it, each with the one it lies in. */
  readonly steps: readonly { readonly kind: string; readonly schema: RuledSchema }[];
  /** The first schema on the way whose old and new values cannot be told to be the same. */
  readonly uncorrelatablePath: string | undefined;
}

export interface SchemaRulesCheck {
  /** What is wrong with the rules of a schema. */
  check(place: SchemaPlace): FieldError[];
  /** What is wrong with all rules taken together: their cost. Called last, with the path of the root. */
  finish(path: string): FieldError[];
}

interface Cost {
  readonly path: string;
  readonly cost: number;
}

/** Checks the rules of all schemas of one version together. `isUnchanged`: what each rule costs is not minded. */
export function beginSchema(root: RuledSchema, { isUnchanged }: { readonly isUnchanged: boolean }): SchemaRulesCheck {
  const costs: Cost[] = [];
  return {
    check(place) {
      if (rulesOf(place.schema).length === 0) return [];
      const at = child(place.path, "x-kubernetes-validations");
      const isResource = place.steps.length === 0 || place.schema["x-kubernetes-embedded-resource"] === true;
      const declared = declareSchema(place.schema, isResource);
      if (!declared) {
        const why = "unable to convert structural schema to CEL declarations";
        const what = "internal error: failed to construct type information for x-kubernetes-validations rules";
        return [internalFieldError(at, `${what}: ${why}`)];
      }
      const times = occurrences(root, place.steps) ?? Math.floor((3 * 1024 * 1024) / (declared.minSize + 1));
      const rules = compileRules(place.schema, declared);
      return rules.flatMap((rule, index) => checkRule(rule, { place, at: item(at, index), times, isUnchanged, costs }));
    },
    finish: (path) => checkTotal(costs, path),
  };
}

/** How often a schema can apply in one object; undefined where nothing bounds it. */
function occurrences(root: RuledSchema, steps: SchemaPlace["steps"]): number | undefined {
  let times: number | undefined = 1;
  let parent = root;
  for (const { schema } of steps) {
    const most = elementsOf(parent);
    times = times === undefined || most === undefined ? undefined : multiply(times, most);
    parent = schema;
  }
  return times;
}

function elementsOf({ type, additionalProperties, maxProperties, maxItems }: RuledSchema): number | undefined {
  if (type === "array") return maxItems === undefined ? undefined : Math.max(0, maxItems);
  if (type !== "object" || additionalProperties === undefined) return 1;
  return maxProperties === undefined ? undefined : Math.max(0, maxProperties);
}

function multiply(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : Math.min(a * b, MOST);
}

interface RulePlace {
  readonly place: SchemaPlace;
  readonly at: string;
  readonly times: number;
  readonly isUnchanged: boolean;
  readonly costs: Cost[];
}

function checkRule(compiled: CompiledRule, where: RulePlace): FieldError[] {
  const { at, costs, isUnchanged } = where;
  const path = child(at, "rule");
  const cost = multiply(compiled.maxCost, where.times);
  const errors: FieldError[] = [];
  if (!isUnchanged && cost > MAX_RULE_COST) {
    errors.push(forbiddenField(path, describeCost("estimated rule cost", cost, MAX_RULE_COST)));
  }
  costs.push({ path, cost });
  if (compiled.problem !== undefined) errors.push(invalid(path, shownRule(compiled.rule), compiled.problem));
  return [...errors, ...checkMessage(compiled, where), ...checkOldSelf(compiled, where)];
}

function checkMessage(compiled: CompiledRule, { at, costs, isUnchanged }: RulePlace): FieldError[] {
  const path = child(at, "messageExpression");
  if (compiled.messageProblem !== undefined) return [invalid(path, shownRule(compiled.rule), compiled.messageProblem)];
  if (!compiled.messageProgram) return [];
  const cost = compiled.messageMaxCost;
  costs.push({ path, cost });
  if (isUnchanged || cost <= MAX_RULE_COST) return [];
  return [forbiddenField(path, describeCost("estimated messageExpression cost", cost, MAX_RULE_COST))];
}

function checkOldSelf({ rule, usesOldSelf }: CompiledRule, { place, at }: RulePlace): FieldError[] {
  if (!usesOldSelf) {
    if (rule.optionalOldSelf === undefined) return [];
    const why = "may not be set if oldSelf is not used in rule";
    return [invalid(child(at, "optionalOldSelf"), rule.optionalOldSelf, why)];
  }
  if (place.uncorrelatablePath === undefined) return [];
  const why = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${place.uncorrelatablePath}`;
  return [invalid(child(at, "rule"), rule.rule, why)];
}

/** A rule as upstream shows it: its internal form. */
function shownRule(rule: ValidationRule): object {
  return {
    Rule: rule.rule,
    Message: rule.message ?? "",
    MessageExpression: rule.messageExpression ?? "",
    Reason: rule.reason ?? null,
    FieldPath: rule.fieldPath ?? "",
    OptionalOldSelf: rule.optionalOldSelf ?? null,
  };
}

function checkTotal(costs: readonly Cost[], path: string): FieldError[] {
  const total = costs.reduce((sum, { cost }) => Math.min(sum + cost, MOST), 0);
  if (total <= MAX_SCHEMA_COST) return [];
  const expensive = costs
    .filter(({ cost }) => cost >= MAX_SCHEMA_COST / 100)
    .sort((a, b) => b.cost - a.cost)
    .slice(0, 4);
  const why = "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema";
  const what = "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema";
  return [
    ...expensive.map((rule) => forbiddenField(rule.path, why)),
    forbiddenField(path, describeCost(what, total, MAX_SCHEMA_COST)),
  ];
}

function describeCost(name: string, cost: number, limit: number): string {
  const factor = cost / limit;
  const shown = factor > 100 ? "more than 100x" : `${factor.toFixed(factor < 1.5 ? 6 : 1)}x`;
  return (
    `${name} exceeds budget by factor of ${shown} (try simplifying the rule, or adding maxItems, maxProperties, and ` +
    "maxLength where arrays, maps, and strings are declared)"
  );
}

/** What rules mind of a default value, both kept from before and newly come in. */
export function checkDefault(value: unknown, schema: RuledSchema, path: string, isRoot: boolean): FieldError[] {
  const tree = buildRuleTree(schema, isRoot);
  if (!tree) return [];
  const run = (old: unknown): FieldError[] => {
    const findings: Findings = { errors: [], warnings: [], budget: OBJECT_COST_BUDGET };
    applyRules(tree, { path, value, old, ratchet: new Ratchet(undefined) }, findings);
    return findings.errors;
  };
  const errors = run(value);
  return errors.length > 0 ? errors : run(undefined);
}

/** The engine of x-kubernetes-validations for definitions. */
export const schemaRules = { beginSchema, checkDefault };
