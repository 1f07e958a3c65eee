// Checks the expressions of a policy against the types of the objects it is about: what is wrong with them becomes warnings in
// the policy's status. Pure.

import type { ExpressionWarning, ValidatingAdmissionPolicy, Variable } from "#kubernetes/api";
import {
  admissionTypes,
  authorizerType,
  type CelType,
  compile,
  createEnvironment,
  type DeclaredType,
  declareSchema,
  type Environment,
  namespaceType,
  nameTypes,
  type OpenApiSchema,
  objectType,
  provideTypes,
  requestType,
  types,
} from "#kubernetes/cel";
import { describeKind, type VersionedKind } from "./kinds-to-check.ts";

/** A kind whose schema was found. */
export interface CheckedKind {
  readonly kind: VersionedKind;
  readonly schema: OpenApiSchema;
}

export interface CheckOptions {
  readonly kinds: readonly CheckedKind[];
  /** Of the policy's parameters, where it has any and their schema was found. */
  readonly params?: CheckedKind | undefined;
}

/** In order of the validations; empty where nothing is wrong, or no kind is known. */
export function checkTypes(policy: ValidatingAdmissionPolicy, { kinds, params }: CheckOptions): ExpressionWarning[] {
  const { validations = [], variables = [], paramKind } = policy.spec ?? {};
  const environments = kinds.map(({ kind, schema }) => {
    const typed = { object: declare(kind, schema, 0), params: params && declare(params.kind, params.schema, 1) };
    return { kind, environment: typedEnvironment({ ...typed, hasParams: paramKind !== undefined, variables }) };
  });
  const checkOne = (expression: string | undefined, fieldRef: string): ExpressionWarning[] => {
    if (!expression) return [];
    const found = environments.flatMap(({ kind, environment }) => {
      const problem = problemOf(expression, environment);
      return problem === undefined ? [] : [`${describeKind(kind)}: ${problem}\n`];
    });
    return found.length > 0 ? [{ fieldRef, warning: found.join("\n") }] : [];
  };
  return validations.flatMap(({ expression, messageExpression }, index) => [
    ...checkOne(expression, `spec.validations[${index}].expression`),
    ...checkOne(messageExpression, `spec.validations[${index}].messageExpression`),
  ]);
}

/** What is wrong with the text itself; that it could not be carried out is no matter of types. */
function problemOf(expression: string, environment: Environment): string | undefined {
  const result = compile(expression, environment);
  return result.ok || result.problems.length === 0 ? undefined : result.message;
}

/** `ordinal` keeps the names of an object's types and those of its parameters apart. */
function declare({ kind }: VersionedKind, schema: OpenApiSchema, ordinal: number): DeclaredType | undefined {
  const declared = declareSchema(schema, true);
  return declared && nameTypes(declared, `${kind}${ordinal}`);
}

const variablesType = objectType("kubernetes.variables");

interface TypedNames {
  readonly object: DeclaredType | undefined;
  readonly params: DeclaredType | undefined;
  readonly hasParams: boolean;
  readonly variables: readonly Variable[];
}

/** Every variable may use those before it; one that cannot be compiled may be anything. */
function typedEnvironment({ object, params, hasParams, variables }: TypedNames): Environment {
  const composed = new Map<string, CelType>();
  const own = admissionTypes(provideTypes(...[object, params].filter((type) => type !== undefined)));
  const environment = createEnvironment({
    variables: new Map<string, CelType>([
      ["object", object?.type ?? types.dyn],
      ["oldObject", object?.type ?? types.dyn],
      ["request", requestType],
      ["namespaceObject", namespaceType],
      ["variables", variablesType],
      ["authorizer", authorizerType],
      ...(hasParams ? [["params", params?.type ?? types.dyn] as const] : []),
    ]),
    types: {
      findType: (name) => (name === variablesType.name ? variablesType : own.findType(name)),
      findField: (name, field) => (name === variablesType.name ? composed.get(field) : own.findField(name, field)),
    },
  });
  for (const { name, expression } of variables) {
    const result = compile(expression, environment);
    composed.set(name, result.ok ? result.program.type : types.dyn);
  }
  return environment;
}
