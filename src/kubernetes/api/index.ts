// Kubernetes' API as data: types, schemas, codecs, defaults, validation, patches, selectors, status errors. Pure: no I/O.

export type {
  ApiBody,
  ApiHandler,
  ApiRequest,
  ApiResponse,
  UserInfo,
  WatchEvent,
  WatchEventType,
  WatchStream,
} from "./exchange.ts";
export * from "./field-error.ts";
export * as resources from "./generated/resources.ts";
export type * from "./generated/types.ts";
export type { KindDefinition, TableRow } from "./kinds/kind-definition.ts";
export { checkDNS1123Label, checkDNS1123Subdomain } from "./names.ts";
export { formatQuantity } from "./quantity/format.ts";
export { parseQuantity } from "./quantity/parse.ts";
export { addQuantities, compareQuantities, makeQuantity, subtractQuantities } from "./quantity/quantity.ts";
export { quantityMilliValue, quantityValue } from "./quantity/values.ts";
export {
  formatApiVersion,
  formatKey,
  type KubeObject,
  keyOf,
  type ObjectKey,
  parseApiVersion,
  parseKey,
  type Resource,
  type UnknownObject,
} from "./resource.ts";
export {
  builtInResources,
  type ResourceInfo,
  type Subresource,
  type TableColumn,
  tableColumnsOf,
  type Verb,
} from "./resources.ts";
export type {
  AnySchema,
  Field,
  ListSchema,
  MapSchema,
  ObjectSchema,
  PatchStrategy,
  ScalarSchema,
  ScalarType,
  Schema,
  Union,
} from "./schema.ts";
export {
  everything as everythingSelector,
  nothing as nothingSelector,
  parseSelector,
  type Selector,
  selectorOf,
  selectorOfLabels,
} from "./selectors/label-selector.ts";
export * from "./status-error.ts";
export { kindsOfType, schemaOf, schemaOfKind, typeNameOfKind, typeNames } from "./types-table.ts";
