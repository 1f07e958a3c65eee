// The environment of Kubernetes 1.36: which functions every expression may call, and how environments are put together.

import { type Environment, joinFunctions, type TypeProvider } from "./checker/environment.ts";
import { conversionFunctions } from "./library/conversions.ts";
import { mapInsertFunctions } from "./library/map-insert.ts";
import { operatorFunctions, plannedOperators } from "./library/operators.ts";
import { optionalFunctions } from "./library/optionals.ts";
import { stringFunctions } from "./library/strings.ts";
import { timeFunctions } from "./library/times.ts";
import type { CelType } from "./values/type.ts";

const functions = joinFunctions(
  plannedOperators,
  operatorFunctions,
  conversionFunctions,
  stringFunctions,
  timeFunctions,
  optionalFunctions,
  mapInsertFunctions,
);

const noTypes: TypeProvider = { findType: () => undefined, findField: () => undefined };

interface EnvironmentParts {
  readonly variables?: Readonly<Record<string, CelType>> | ReadonlyMap<string, CelType>;
  readonly types?: TypeProvider;
}

/** Kubernetes' libraries with these variables and object types. */
export function createEnvironment({ variables = {}, types = noTypes }: EnvironmentParts = {}): Environment {
  return {
    functions,
    variables: variables instanceof Map ? variables : new Map(Object.entries(variables)),
    types,
  };
}
