// The expressions of a MutatingAdmissionPolicy: each makes a JSON patch, or a part of the object that is merged into it as
// server-side apply would.

import {
  applyJsonPatch,
  type KubeObject,
  type MutatingAdmissionPolicy,
  type Mutation,
  mergeApplied,
  readJsonPatch,
  StatusError,
} from "#kubernetes/api";
import {
  type Activation,
  type CelValue,
  compile,
  evaluate,
  isError,
  jsonPatchFunctions,
  type Program,
  toJson,
  types,
} from "#kubernetes/cel";
import { describeError } from "#shared";
import { bindVariables, type ExpressionInput, type VariableOptions } from "../expressions/admission-variables.ts";
import { type ComposedEnvironment, composeVariables } from "../expressions/composed-variables.ts";
import { compileMatchConditions } from "../expressions/match-conditions.ts";
import { appliedType, jsonPatchType, patchTypes } from "./patch-types.ts";

export interface MutationEvaluator {
  /** Whether the policy wants to see again what others have changed after it. */
  readonly isReinvoked: boolean;
  /** Whether the policy's conditions hold. Throws an Error where they cannot be decided. */
  matches(input: ExpressionInput): boolean;
  /** The object after a mutation; neither argument changes. Throws an Error. */
  readonly mutations: readonly ((input: ExpressionInput, object: KubeObject) => KubeObject)[];
}

/** What one evaluation may cost; upstream's RuntimeCELCostBudget. */
const costBudget = 10_000_000;

export function compileMutations({ spec = {} }: MutatingAdmissionPolicy): MutationEvaluator {
  const options: VariableOptions = { hasParams: spec.paramKind !== undefined, hasNamespace: true, hasAuthorizer: true };
  const composed = composeVariables(spec.variables ?? [], options, {
    types: patchTypes,
    functions: jsonPatchFunctions,
  });
  const conditions = spec.matchConditions?.length ? compileMatchConditions(spec.matchConditions, options) : undefined;
  return {
    isReinvoked: spec.reinvocationPolicy === "IfNeeded",
    matches: (input) => conditions?.evaluate(input, activationOf(composed, input)) ?? true,
    mutations: (spec.mutations ?? []).map((mutation) => compileMutation(mutation, composed)),
  };
}

function activationOf(composed: ComposedEnvironment, input: ExpressionInput): Activation {
  return composed.compose(bindVariables(input), () => {});
}

function compileMutation(mutation: Mutation, composed: ComposedEnvironment): MutationEvaluator["mutations"][number] {
  const isPatch = mutation.patchType === "JSONPatch";
  const text = (isPatch ? mutation.jsonPatch?.expression : mutation.applyConfiguration?.expression) ?? "";
  const compiled = compile(text, composed.environment);
  const problem =
    composed.problem ??
    (compiled.ok ? wrongType(compiled.program, isPatch) : `compilation error: compilation failed: ${compiled.message}`);
  return (input, object) => {
    if (problem !== undefined || !compiled.ok) throw new Error(problem);
    const { value } = evaluate(compiled.program, activationOf(composed, input), { costLimit: costBudget });
    if (isError(value)) throw new Error(`expression '${text}' resulted in error: ${value.message}`);
    return isPatch ? patch(object, value) : merge(object, value, input);
  };
}

function wrongType({ type }: Program, isPatch: boolean): string | undefined {
  if (type.kind === types.dyn.kind) return undefined;
  const wanted = isPatch ? "list" : appliedType.name;
  const given = isPatch ? type.kind : type.name;
  if (given === wanted) return undefined;
  const expected = isPatch ? `list(${jsonPatchType.name})` : appliedType.name;
  return `compilation error: must evaluate to ${expected}`;
}

function patch(object: KubeObject, value: CelValue): KubeObject {
  const operations = toJson(value);
  try {
    return applyJsonPatch(object, readJsonPatch(operations)) as KubeObject;
  } catch (error) {
    const why =
      error instanceof StatusError && error.cause instanceof Error ? error.cause.message : describeError(error);
    // A test that fails means that the patch is not for this object.
    if (/testing .* value failed|test failed/i.test(why)) return object;
    throw new Error(`JSON Patch: ${why}`);
  }
}

function merge(object: KubeObject, value: CelValue, { request }: ExpressionInput): KubeObject {
  const applied = toJson(value) as Record<string, unknown>;
  const { managedFields } = object.metadata;
  try {
    const merged = mergeApplied(
      object as unknown as Parameters<typeof mergeApplied>[0],
      { ...applied, apiVersion: object.apiVersion, kind: object.kind } as Parameters<typeof mergeApplied>[1],
      request.served.schema,
    ) as unknown as KubeObject;
    return { ...merged, metadata: { ...merged.metadata, ...(managedFields && { managedFields }) } };
  } catch (error) {
    throw new Error(`error applying patch: ${describeError(error)}`);
  }
}
