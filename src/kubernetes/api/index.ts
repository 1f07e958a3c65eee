// Kubernetes' API as data: types, schemas, codecs, defaults, validation, patches, selectors, status errors. Pure: no I/O.

export { type ApplyRequest, applyServerSide } from "./apply/apply-server-side.ts";
export {
  anyElement,
  exceptFields,
  type FieldFilter,
  type FieldPattern,
  onlyFields,
} from "./apply/fields/field-filter.ts";
export { checkManagedFields } from "./apply/managed-fields.ts";
export { revertNoopTimes } from "./apply/noop-times.ts";
export { managedFieldsAfterScale, type ReplicasPaths, scaleManagedFields } from "./apply/scale-ownership.ts";
export { type RequestOwnership, trackUpdate } from "./apply/track-update.ts";
export { mergeApplied } from "./apply/values/merge-applied.ts";
export { validateApplied } from "./apply/values/validate-applied.ts";
export type { ConvertVersion } from "./apply/versions.ts";
export { CborError, decodeCbor } from "./cbor/decode.ts";
export { encodeCbor } from "./cbor/encode.ts";
export { readCborSequence } from "./cbor/sequence.ts";
export { type CertificateRequest, parseCertificateRequest } from "./certificates/certificate-request.ts";
export { readPemBlocks } from "./certificates/pem.ts";
export { CodecError } from "./codec-error.ts";
export { CronError } from "./cron/cron-error.ts";
export { nextCronTime } from "./cron/next-time.ts";
export { type CronSchedule, parseCronSchedule } from "./cron/schedule.ts";
export { formatOffset, isTimeZone, wallClock } from "./cron/time-zone.ts";
export { type BodyFormat, bodyFormatOf, mediaTypeOf, unsupportedMediaType } from "./decode/body-format.ts";
export { DecodeError } from "./decode/context.ts";
export { type Decoded, decode } from "./decode/decode.ts";
export {
  type DecodedObject,
  type DecodeObjectOptions,
  decodeCustomObject,
  decodeObject,
  explainForeignKind,
  type FieldValidation,
  internalTypeName,
} from "./decode/decode-object.ts";
export type { GroupVersionKind } from "./decode/type-meta.ts";
export { toleratesDeviceTaint } from "./devices/tolerates-device-taint.ts";
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
export { valuesOfField } from "./field-values.ts";
export * as resources from "./generated/resources.ts";
export type * from "./generated/types.ts";
export { quote } from "./go-format.ts";
export { goTypeOf, printGo, printGoNumber } from "./go-print.ts";
export { type IntOrString, IntOrStringError, intValue, parseIntOrString, scaleIntOrPercent } from "./int-or-string.ts";
export {
  addressAt,
  type CIDR,
  compareIP,
  containsIP,
  formatCIDR,
  formatIP,
  type IPAddress,
  overlaps,
  type ParsedCIDR,
  parseCIDR,
  parseCIDRSloppy,
  parseIP,
  parseIPSloppy,
  sizeOfCIDR,
} from "./ip.ts";
export { encodeJson } from "./json/encode.ts";
export { JsonError, type ParsedJson, parseJson, parseJsonValue } from "./json/parse.ts";
export { compilePath, printFound } from "./json-path/find.ts";
export { kindDefinitionOf } from "./kinds/all.ts";
export { type Approval, approvalOf, isProtectedGroup } from "./kinds/apiextensions/api-approval.ts";
export { validateCABundle } from "./kinds/apiextensions/ca-bundle.ts";
export {
  findDefinitionCondition,
  isConditionTrue as isDefinitionConditionTrue,
} from "./kinds/apiextensions/conditions.ts";
export { defineCustomResourceDefinition } from "./kinds/apiextensions/custom-resource-definition.ts";
export { schemaOfVersion } from "./kinds/apiextensions/internal-definition.ts";
export type {
  SchemaPlace,
  SchemaRules,
  SchemaRulesCheck,
  SchemaRulesOptions,
  SchemaStep,
} from "./kinds/apiextensions/schema-rules.ts";
export { autoscalerToV1, autoscalerToV2 } from "./kinds/autoscaling/versions/autoscaler-versions.ts";
export { bareContext, type CheckContext, type ExpressionErrors } from "./kinds/check-context.ts";
export { validatePodBinding } from "./kinds/core/binding.ts";
export {
  type ConditionUpdate,
  evictionCondition,
  findCondition as findPodCondition,
  setCondition as setPodCondition,
} from "./kinds/core/pod/pod-conditions.ts";
export { qualityOfService } from "./kinds/core/pod/quality-of-service.ts";
export { isSidecar } from "./kinds/core/resources/pod-totals.ts";
export { settleIPFamilies } from "./kinds/core/service/ip-families.ts";
export { allocatesNodePorts, keepAllocatedValues, normalizeClusterIPs } from "./kinds/core/service/linked-fields.ts";
export { type DecodedService, needsClusterIP, needsHealthCheckPort } from "./kinds/core/service/service-traits.ts";
export { setDefaults } from "./kinds/defaults.ts";
export { eventToCore, eventToNew } from "./kinds/events/event-versions.ts";
export type {
  KindDefinition,
  MetadataCheck,
  SubresourceUpdate,
  TableRow,
} from "./kinds/kind-definition.ts";
export { validateAnnotations } from "./kinds/metadata/annotations.ts";
export { validateLabelName, validateLabels, validateLabelValues } from "./kinds/metadata/labels.ts";
export { validateFieldManager } from "./kinds/metadata/managed-fields.ts";
export {
  checkPathName,
  type ObjectMetaRules,
  validateMetadataOfCreate,
  validateMetadataOfUpdate,
} from "./kinds/metadata/object-meta.ts";
export { formatAge, formatHumanDuration } from "./kinds/table/human-duration.ts";
export { settleEmptyValues } from "./kinds/values/empty-values.ts";
export { deepEqual, semanticEqual } from "./kinds/values/semantic-equal.ts";
export { kubernetesVersion } from "./kubernetes-version.ts";
export {
  checkDNS1035Label,
  checkDNS1123Label,
  checkDNS1123Subdomain,
  checkEnvVarName,
  checkLabelValue,
  checkPathSegmentName,
  checkQualifiedName,
} from "./names.ts";
export { partialObjectMetadata, partialObjectMetadataList } from "./partial-metadata.ts";
export { explainUnstructured } from "./patch/explain-unstructured.ts";
export { applyJsonPatch, type JsonPatch, readJsonPatch } from "./patch/json-patch.ts";
export { equalJson } from "./patch/json-value.ts";
export { applyMergePatch } from "./patch/merge-patch.ts";
export { applyStrategicMergePatch } from "./patch/strategic-merge-patch.ts";
export { decodeMessage, encodeMessage } from "./protobuf/codec.ts";
export { type Envelope, encodeEnvelope, isEnvelope, openEnvelope } from "./protobuf/envelope.ts";
export { ProtobufError } from "./protobuf/reader.ts";
export { encodeWatchFrame, readWatchFrames, type WatchFrame } from "./protobuf/watch-frames.ts";
export { canonicalizeQuantity, formatQuantity } from "./quantity/format.ts";
export { parseQuantity, QuantityError } from "./quantity/parse.ts";
export {
  addQuantities,
  compareQuantities,
  makeQuantity,
  multiplyQuantity,
  negateQuantity,
  type Quantity,
  type QuantityFormat,
  roundUpQuantity,
  scaledValue,
  signOf,
  subtractQuantities,
  zeroQuantity,
} from "./quantity/quantity.ts";
export { quantityMilliValue, quantityValue } from "./quantity/values.ts";
export {
  objectCountName,
  type QuotaEvaluator,
  quotaApplies,
  quotaEvaluatorOf,
  scopesOf as quotaScopesOf,
} from "./quota/evaluator.ts";
export { isPodLevelResource, type PodResourcesOptions, podLimits, podRequests } from "./quota/pod-resources.ts";
export { isTerminating as isTerminatingPod } from "./quota/pod-usage.ts";
export {
  addResources,
  equalResources,
  exceededResources,
  maskResources,
  maxResources,
  type ResourceList,
  subtractResources,
  withoutZeros,
} from "./quota/resource-list.ts";
export { type CompiledPattern, compilePattern } from "./regular-expression.ts";
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
  createFieldSelector,
  escapeFieldValue,
  type FieldRequirement,
  type FieldSelector,
  parseFieldSelector,
} from "./selectors/field-selector.ts";
export {
  createSelector,
  everything as everythingSelector,
  formatLabelSelector,
  formatLabels,
  nothing as nothingSelector,
  parseSelector,
  type Selector,
  selectorOf,
  selectorOfLabels,
} from "./selectors/label-selector.ts";
export {
  type LabelOperator,
  type LabelRequirement,
  type Labels,
  makeRequirement,
  SelectorError,
} from "./selectors/requirement.ts";
export * from "./status-error.ts";
export * from "./structural/index.ts";
export {
  DurationError,
  formatDuration,
  formatDurationNanos,
  parseDuration,
  parseDurationNanos,
} from "./time/duration.ts";
export { TimeError } from "./time/rfc3339.ts";
export { formatMicroTime, formatTime, parseMicroTime, parseTime, parseUnixTime } from "./time/time.ts";
export { kindsOfType, schemaOf, schemaOfKind, typeNameOfKind, typeNames } from "./types-table.ts";
export { formatYaml } from "./yaml/format.ts";
export { type ParsedYaml, parseYamlBody, parseYamlDocuments, YamlError } from "./yaml/parse.ts";
