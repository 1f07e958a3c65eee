// The shape of values, as every table-driven algorithm sees it: decoding and pruning, protobuf, strategic merge, server-side
// apply, OpenAPI. Built-in kinds get theirs from types-table.ts; custom resources from their structural schema.

/** What a value at some place may be. */
export type Schema = ObjectSchema | MapSchema | ListSchema | ScalarSchema | AnySchema;

/** A record with known fields. */
export interface ObjectSchema {
  readonly kind: "object";
  /** The OpenAPI name, such as io.k8s.api.core.v1.Pod; "" for an anonymous object of a custom resource. */
  readonly name: string;
  /** In the order answers show them. */
  readonly fields: ReadonlyMap<string, Field>;
  /** Who owns it in server-side apply: each field on its own, or the record as a whole. */
  readonly structure: "granular" | "atomic";
  /** Fields not listed are kept (x-kubernetes-preserve-unknown-fields) instead of dropped. */
  readonly preserveUnknown: boolean;
  /** Groups of fields of which one may be set (x-kubernetes-unions); published in OpenAPI only, as upstream. */
  readonly unions?: readonly Union[];
}

/** A record with free keys and values of one shape. */
export interface MapSchema {
  readonly kind: "map";
  readonly values: Schema;
  readonly structure: "granular" | "atomic";
}

/** A list; as a set its items are unique scalars, as a map they are records told apart by `keys`. */
export interface ListSchema {
  readonly kind: "list";
  readonly items: Schema;
  readonly structure: "atomic" | "set" | "map";
  /** The fields that identify an item of a "map" list, in order; else empty. */
  readonly keys: readonly string[];
}

export type ScalarType =
  | "string"
  | "boolean"
  | "int32"
  | "int64"
  | "double"
  /** Base64 in JSON, bytes in protobuf. */
  | "bytes"
  /** RFC 3339 with whole seconds. */
  | "time"
  /** RFC 3339 with microseconds. */
  | "micro-time"
  | "quantity"
  | "int-or-string";

export interface ScalarSchema {
  readonly kind: "scalar";
  readonly type: ScalarType;
}

/** Any JSON value ("any") or any JSON object ("object", as RawExtension and FieldsV1): kept as it came. */
export interface AnySchema {
  readonly kind: "any";
  readonly shape: "any" | "object";
  /** The OpenAPI name where the type has one: protobuf encodes RawExtension, JSON and FieldsV1 each in its own way. */
  readonly name: string;
}

/** A field of an ObjectSchema. */
export interface Field {
  readonly name: string;
  /** Types refer to each other in circles, so this is looked up on first use. */
  readonly schema: Schema;
  readonly required: boolean;
  /** Its number and declared type in upstream's .proto; absent for apiVersion and kind, which travel outside the message. */
  readonly protobuf?: { readonly number: number; readonly declaration: string };
  /** Strategic merge patch: how lists and maps merge (absent: replace), and by which field items are matched. */
  readonly patch?: { readonly strategies: readonly PatchStrategy[]; readonly mergeKey?: string };
  /** The schema's own default, applied to items of map lists before their keys are compared, and by OpenAPI. */
  readonly default?: unknown;
}

export type PatchStrategy = "merge" | "replace" | "retainKeys";

export interface Union {
  readonly discriminator?: string;
  /** From a member field to the discriminator's value that names it. */
  readonly members: Readonly<Record<string, string>>;
}
