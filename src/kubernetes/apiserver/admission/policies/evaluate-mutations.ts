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
  validateApplied,
} from "#kubernetes/api";
import { type CelValue, isError, jsonPatchFunctions, listType, toJson } from "#kubernetes/cel";
import { describeError } from "#shared";
import { bindVariables, type ExpressionInput, type VariableOptions } from "../expressions/admission-variables.ts";
import { type Budget, evaluateWithin, outOfBudget, policyBudget } from "../expressions/budget.ts";
import { compileExpression } from "../expressions/compile-expression.ts";
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

export function compileMutations({ spec = {} }: MutatingAdmissionPolicy): MutationEvaluator {
  const options: VariableOptions = { hasParams: spec.paramKind !== undefined, hasAuthorizer: true };
  const composed = composeVariables(spec.variables ?? [], options, {
    types: patchTypes,
    functions: jsonPatchFunctions,
  });
  const conditions = spec.matchConditions?.length ? compileMatchConditions(spec.matchConditions, options) : undefined;
  return {
    isReinvoked: spec.reinvocationPolicy === "IfNeeded",
    matches: (input) => conditions?.evaluate(input) ?? true,
    mutations: (spec.mutations ?? []).map((mutation) => compileMutation(mutation, composed)),
  };
}

function compileMutation(mutation: Mutation, composed: ComposedEnvironment): MutationEvaluator["mutations"][number] {
  const isPatch = mutation.patchType === "JSONPatch";
  const text = (isPatch ? mutation.jsonPatch?.expression : mutation.applyConfiguration?.expression) ?? "";
  const compiled = compileExpression(text, composed.environment, [isPatch ? listType(jsonPatchType) : appliedType]);
  return (input, object) => {
    if (composed.problem !== undefined) throw new Error(composed.problem);
    if ("problem" in compiled) throw new Error(`compilation error: ${compiled.problem}`);
    const budget: Budget = { left: policyBudget };
    const value = evaluateWithin(compiled.program, composed.compose(bindVariables(input), budget), budget);
    if (budget.left < 0) throw new Error(outOfBudget);
    if (isError(value)) throw new Error(`expression '${text}' resulted in error: ${value.message}`);
    return isPatch ? patch(object, value) : merge(object, value, input);
  };
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
  const problem = validateApplied(applied, request.served.schema);
  if (problem !== undefined) {
    throw new Error(`error applying patch: failed to convert patch object to typed object: ${problem}`);
  }
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
