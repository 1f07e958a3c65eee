// The compiled rules of a schema, at the places they hold for.

import { declareSchema } from "../schema/declare-schema.ts";
import type { DeclaredType } from "../schema/declared-type.ts";
import { escapeName } from "../schema/escape.ts";
import { additionalOf, itemsOf, propertyOf } from "../schema/open-api.ts";
import { type CompiledRule, compileRules } from "./compile-rule.ts";
import { hasRules, type RuledSchema, rulesOf } from "./rule.ts";

export interface RuleTree {
  readonly schema: RuledSchema;
  /** The root of a resource, which has apiVersion, kind and metadata. */
  readonly isResource: boolean;
  readonly rules: readonly CompiledRule[];
  /** Why the rules could not be compiled at all. */
  readonly problem?: string;
  readonly usesOldSelf: boolean;
  readonly items: RuleTree | undefined;
  readonly properties: ReadonlyMap<string, RuleTree>;
  readonly additional: RuleTree | undefined;
  readonly allOf: readonly RuleTree[];
}

/** undefined where the schema has no rules. */
export function buildRuleTree(schema: RuledSchema, isResource: boolean): RuleTree | undefined {
  if (!hasRules(schema)) return undefined;
  return buildTree({ rules: schema, schema, isResource, declared: declareSchema(schema, isResource) });
}

interface Place {
  /** The schema with the rules: the one below, or a part of its allOf. */
  readonly rules: RuledSchema;
  readonly schema: RuledSchema;
  readonly isResource: boolean;
  readonly declared: DeclaredType | undefined;
}

function buildTree(place: Place): RuleTree | undefined {
  const { rules, schema, isResource, declared } = place;
  const compiled = compilePlace(place);
  const items = buildBelow(itemsOf(rules), itemsOf(schema), declared?.elements);
  const additional = buildBelow(additionalOf(rules), additionalOf(schema), declared?.elements);
  const properties = buildProperties(place);
  const allOf = (rules.allOf ?? []).flatMap((part) => buildTree({ ...place, rules: part }) ?? []);
  const isEmpty = compiled.rules.length === 0 && compiled.problem === undefined && !items && !additional;
  if (isEmpty && properties.size === 0 && allOf.length === 0) return undefined;
  const usesOldSelf = compiled.rules.some((rule) => rule.usesOldSelf);
  return { schema, isResource, ...compiled, usesOldSelf, items, properties, additional, allOf };
}

function compilePlace({ rules, schema, declared }: Place): Pick<RuleTree, "rules" | "problem"> {
  const own = rulesOf(rules);
  if (own.length === 0) return { rules: [] };
  if (!declared) return { rules: [], problem: "failed to convert to declType for CEL validation rules" };
  return { rules: compileRules({ ...schema, "x-kubernetes-validations": own }, declared) };
}

function isEmbedded(schema: RuledSchema): boolean {
  return schema["x-kubernetes-embedded-resource"] === true;
}

function buildBelow(
  rules: RuledSchema | undefined,
  schema: RuledSchema | undefined,
  declared: DeclaredType | undefined,
): RuleTree | undefined {
  return rules && schema && buildTree({ rules, schema, isResource: isEmbedded(schema), declared });
}

function buildProperties({ rules, schema, declared }: Place): ReadonlyMap<string, RuleTree> {
  const trees = new Map<string, RuleTree>();
  for (const [name, ruled] of Object.entries(rules.properties ?? {})) {
    const property = propertyOf(schema, name);
    const type = property && declareProperty(name, property, declared);
    const tree = type && buildBelow(ruled, property, type);
    if (tree) trees.set(name, tree);
  }
  return trees;
}

/** Fields expressions cannot name are read by themselves; those without a type not at all. */
function declareProperty(
  name: string,
  schema: RuledSchema,
  parent: DeclaredType | undefined,
): DeclaredType | undefined {
  const escaped = escapeName(name);
  if (escaped === undefined) return declareSchema(schema, isEmbedded(schema));
  return parent?.fields?.get(escaped);
}
