// Structural schemas: the shape, defaults and validation of custom resources.

export { type DefaultsRules, hasDefaults, validateDefaults } from "./check-defaults.ts";
export { findUnsupported, validateStructural } from "./check-structural.ts";
export { Correlation, correlateItems } from "./correlation.ts";
export { decodeMetadata, salvageMetadata, settleEmbedded, validateEmbedded } from "./embedded-resources.ts";
export { childrenOf, isRecord, type JsonSchema, someSchema } from "./json-schema.ts";
export { sortKeys, validateListTypes } from "./list-types.ts";
export { ownershipSchemaOf } from "./ownership-schema.ts";
export { pruneUnknown } from "./prune.ts";
export { type OpenApiDialect, publishSchema } from "./publish.ts";
export { dropNulls, setSchemaDefaults } from "./set-defaults.ts";
export { settleDefaults } from "./settle-defaults.ts";
export { isKnownFormat } from "./values/formats.ts";
export { validateChangedValue, validateValue } from "./values/validate-value.ts";
