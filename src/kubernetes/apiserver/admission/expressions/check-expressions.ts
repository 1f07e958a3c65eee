// The expressions of policies and webhooks, compiled when they are written: whoever writes one that is wrong is told at once.

import {
  type FieldError,
  invalid,
  type KubeObject,
  type MatchCondition,
  type MutatingAdmissionPolicy,
  type ValidatingAdmissionPolicy,
  type Variable,
} from "#kubernetes/api";
import { type CelType, type Environment, jsonPatchFunctions, listType, types } from "#kubernetes/cel";
import type { ResourceHooks } from "../../registry/resources/served-resource.ts";
import { appliedType, jsonPatchType, patchTypes } from "../policies/patch-types.ts";
import type { VariableOptions } from "./admission-variables.ts";
import { compileExpression } from "./compile-expression.ts";
import { composeVariables } from "./composed-variables.ts";
import { conditionEnvironment } from "./match-conditions.ts";

const group = "admissionregistration.k8s.io";

/** By "group/resource". */
export const expressionHooks: Readonly<Record<string, ResourceHooks>> = {
  [`${group}/validatingadmissionpolicies`]: { checkExpressions: checkValidating },
  [`${group}/mutatingadmissionpolicies`]: { checkExpressions: checkMutating },
  [`${group}/validatingwebhookconfigurations`]: { checkExpressions: checkWebhooks },
  [`${group}/mutatingwebhookconfigurations`]: { checkExpressions: checkWebhooks },
};

function optionsOf(spec: { readonly paramKind?: object }): VariableOptions {
  return { hasParams: spec.paramKind !== undefined, hasAuthorizer: true };
}

function checkValidating(object: KubeObject): FieldError[] {
  const { spec = {} } = object as ValidatingAdmissionPolicy;
  const options = optionsOf(spec);
  const { environment, messageEnvironment } = composeVariables(spec.variables ?? [], options);
  return [
    ...checkVariables(spec.variables, options),
    ...checkConditions("spec.matchConditions", spec.matchConditions, conditionEnvironment(options)),
    ...(spec.validations ?? []).flatMap(({ expression, messageExpression }, index) => [
      ...checkOne(`spec.validations[${index}].expression`, expression, environment, [types.bool]),
      ...checkOne(`spec.validations[${index}].messageExpression`, messageExpression, messageEnvironment, [
        types.string,
      ]),
    ]),
    ...(spec.auditAnnotations ?? []).flatMap(({ valueExpression }, index) => {
      const field = `spec.auditAnnotations[${index}].valueExpression`;
      return checkOne(field, valueExpression, environment, [types.string, types.null]);
    }),
  ];
}

function checkMutating(object: KubeObject): FieldError[] {
  const { spec = {} } = object as MutatingAdmissionPolicy;
  const { environment } = composeVariables(spec.variables ?? [], optionsOf(spec), {
    types: patchTypes,
    functions: jsonPatchFunctions,
  });
  return [
    ...checkVariables(spec.variables, optionsOf(spec)),
    ...checkConditions("spec.matchConditions", spec.matchConditions, conditionEnvironment(optionsOf(spec))),
    ...(spec.mutations ?? []).flatMap(({ patchType, jsonPatch, applyConfiguration }, index) => {
      const path = `spec.mutations[${index}]`;
      return patchType === "JSONPatch"
        ? checkOne(`${path}.jsonPatch.expression`, jsonPatch?.expression?.trim(), environment, [
            listType(jsonPatchType),
          ])
        : checkOne(`${path}.applyConfiguration.expression`, applyConfiguration?.expression?.trim(), environment, [
            appliedType,
          ]);
    }),
  ];
}

function checkWebhooks(object: KubeObject): FieldError[] {
  const { webhooks = [] } = object as { webhooks?: { matchConditions?: MatchCondition[] }[] };
  const environment = conditionEnvironment({ hasAuthorizer: true });
  return webhooks.flatMap(({ matchConditions }, index) =>
    checkConditions(`webhooks[${index}].matchConditions`, matchConditions, environment),
  );
}

/** Each is compiled with those before it. */
function checkVariables(variables: readonly Variable[] | undefined, options: VariableOptions): FieldError[] {
  return (variables ?? []).flatMap(({ expression }, index) => {
    const { environment } = composeVariables(variables!.slice(0, index), options);
    return checkOne(`spec.variables[${index}].expression`, expression, environment);
  });
}

function checkConditions(
  field: string,
  conditions: readonly MatchCondition[] | undefined,
  environment: Environment,
): FieldError[] {
  return (conditions ?? []).flatMap(({ expression }, index) =>
    checkOne(`${field}[${index}].expression`, expression.trim(), environment, [types.bool]),
  );
}

/** `wanted`: the types it may have; absent: any. Blank expressions are others' to refuse. */
function checkOne(
  field: string,
  expression: string | undefined,
  environment: Environment,
  wanted?: readonly CelType[],
): FieldError[] {
  if (!expression?.trim()) return [];
  const result = compileExpression(expression, environment, wanted);
  return "problem" in result ? [invalid(field, expression, result.problem)] : [];
}
