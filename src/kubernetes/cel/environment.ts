// The environment of Kubernetes 1.36: which functions every expression may call, and how environments are put together.

import { type Environment, joinFunctions, type TypeProvider } from "./checker/environment.ts";
import { conversionFunctions } from "./library/conversions.ts";
import type { FunctionDeclaration } from "./library/declare.ts";
import { listExtensionFunctions } from "./library/extensions/list-extensions.ts";
import { mapInsertFunctions } from "./library/extensions/map-insert.ts";
import { optionalFunctions } from "./library/extensions/optionals.ts";
import { setFunctions } from "./library/extensions/sets.ts";
import { stringExtensionFunctions } from "./library/extensions/string-extensions.ts";
import { addressFunctions, cidrType, ipType } from "./library/kubernetes/addresses.ts";
import { authorizerFunctions } from "./library/kubernetes/authorizer.ts";
import { formatFunctions } from "./library/kubernetes/formats.ts";
import { listFunctions } from "./library/kubernetes/lists.ts";
import { quantityFunctions } from "./library/kubernetes/quantities.ts";
import { regexFunctions } from "./library/kubernetes/regexes.ts";
import { semverFunctions } from "./library/kubernetes/semver.ts";
import { urlFunctions } from "./library/kubernetes/urls.ts";
import { operatorFunctions, plannedOperators } from "./library/operators.ts";
import { stringFunctions } from "./library/strings.ts";
import { timeFunctions } from "./library/times.ts";
import { type CelType, optionalType, types } from "./values/type.ts";

const standardFunctions = joinFunctions(
  plannedOperators,
  operatorFunctions,
  conversionFunctions,
  stringFunctions,
  timeFunctions,
  urlFunctions,
  regexFunctions,
  listFunctions,
  authorizerFunctions,
  optionalFunctions,
  quantityFunctions,
  stringExtensionFunctions,
  setFunctions,
  addressFunctions,
  formatFunctions,
  mapInsertFunctions,
  semverFunctions,
  listExtensionFunctions,
);

const libraryTypes: ReadonlyMap<string, CelType> = new Map([
  ["net.IP", ipType],
  ["net.CIDR", cidrType],
  ["optional_type", optionalType(types.dyn)],
]);

const noTypes: TypeProvider = { findType: () => undefined, findField: () => undefined };

interface EnvironmentParts {
  readonly variables?: ReadonlyMap<string, CelType>;
  readonly types?: TypeProvider;
  /** Functions besides those that every expression may call. */
  readonly functions?: readonly FunctionDeclaration[];
  /** Whether the macro cel.bind is known. Default false. */
  readonly hasBindings?: boolean;
}

/** Kubernetes' libraries with these variables and object types. */
export function createEnvironment(parts: EnvironmentParts = {}): Environment {
  const { variables = new Map(), types: provider = noTypes, functions = [], hasBindings = false } = parts;
  return {
    functions: functions.length === 0 ? standardFunctions : joinFunctions([...standardFunctions.values()], functions),
    variables,
    hasBindings,
    types: {
      ...(provider.createObject && { createObject: provider.createObject.bind(provider) }),
      findType: (name) => libraryTypes.get(name) ?? provider.findType(name),
      findField: (typeName, field) => provider.findField(typeName, field),
    },
  };
}
