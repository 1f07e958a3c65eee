// The Common Expression Language, as Kubernetes speaks it: compiling expressions against declared types, evaluating them within
// a cost, and the rules of custom resources (x-kubernetes-validations). Pure.

export { admissionTypes, namespaceType, requestType } from "./admission/request-types.ts";
export type { Environment, TypeProvider } from "./checker/environment.ts";
export {
  type Compiled,
  compile,
  type EvaluateOptions,
  type Evaluation,
  evaluate,
  PER_CALL_LIMIT,
  type Program,
} from "./compile.ts";
export {
  compileDeviceSelector,
  type DeviceSelectorProgram,
  matchesDevice,
} from "./devices/device-selector.ts";
export { createEnvironment } from "./environment.ts";
export type { FunctionDeclaration } from "./library/declare.ts";
export {
  type AuthorizationAnswer,
  type AuthorizationQuestion,
  type Authorize,
  authorizerType,
  authorizerValue,
  requestResourceValue,
  resourceCheckType,
} from "./library/kubernetes/authorizer.ts";
export { jsonPatchFunctions } from "./library/kubernetes/json-patch.ts";
export type { Activation } from "./program/frame.ts";
export { bindSchema } from "./schema/bind-schema.ts";
export { declareSchema } from "./schema/declare-schema.ts";
export {
  type DeclaredType,
  declaredList,
  declaredMap,
  declaredObject,
  nameTypes,
  provideTypes,
} from "./schema/declared-type.ts";
export { fromJson, toJson } from "./schema/json-values.ts";
export type { OpenApiSchema } from "./schema/open-api.ts";
export type { Problem } from "./syntax/source.ts";
export { type ObjectRules, objectRulesOf } from "./validations/object-rules.ts";
export { schemaRules } from "./validations/schema-rules.ts";
export { CelType, listType, mapType, objectType, optionalType, types } from "./values/type.ts";
export { CelError, type CelList, type CelMap, CelOptional, type CelValue, isError } from "./values/value.ts";
