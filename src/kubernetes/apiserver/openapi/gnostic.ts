// OpenAPI v2 in gnostic's protobuf, which kubectl asks for: the messages of openapi.v2.Document.

import type { FrameV2, OperationV2, ParameterV2, PathItemV2, ReferenceV2 } from "./document-v2.ts";
import { field, flag, integer, joinFields, named, number, text, texts } from "./proto-fields.ts";
import type { JsonSchema } from "./type-schemas.ts";

/** The parts of a document, each already encoded, in order. */
export interface EncodedParts {
  readonly paths: readonly Uint8Array[];
  readonly definitions: readonly Uint8Array[];
  readonly parameters: readonly Uint8Array[];
}

export function encodeDocument(frame: FrameV2, { paths, definitions, parameters }: EncodedParts): Uint8Array {
  const { swagger, info, securityDefinitions, security } = frame;
  return joinFields([
    text(1, swagger),
    field(2, [text(1, info.title), text(2, info.version)]),
    field(8, paths),
    field(9, definitions),
    field(10, parameters),
    ...security.map((each) =>
      field(
        12,
        Object.keys(each).map((name) => named(1, name, [])),
      ),
    ),
    field(
      13,
      Object.entries(securityDefinitions).map(([name, each]) => named(1, name, [field(2, encodeApiKey(each))])),
    ),
  ]);
}

export function encodePath(path: string, item: PathItemV2): Uint8Array {
  return named(2, path, encodePathItem(item));
}

export function encodeDefinition(name: string, schema: JsonSchema): Uint8Array {
  return named(1, name, encodeSchema(schema));
}

export function encodeSharedParameter(name: string, parameter: ParameterV2): Uint8Array {
  return named(1, name, encodeParameter(parameter));
}

function encodeApiKey({ type, name, in: place, description }: Readonly<Record<string, string>>): Uint8Array[] {
  return [text(1, type), text(2, name), text(3, place), text(4, description)];
}

const methods = ["get", "put", "post", "delete", "options", "head", "patch"];

function encodePathItem(item: PathItemV2): Uint8Array[] {
  return [
    ...methods.flatMap((method, index) => {
      const operation = item[method];
      return operation ? [field(index + 2, encodeOperation(operation as OperationV2))] : [];
    }),
    ...((item["parameters"] ?? []) as readonly ReferenceV2[]).map((each) => field(9, encodeReference(each))),
  ];
}

function encodeOperation(operation: OperationV2): Uint8Array[] {
  return [
    ...texts(1, operation.tags),
    text(5, operation.operationId),
    ...texts(6, operation.produces),
    ...texts(7, operation.consumes),
    ...(operation.parameters ?? []).map((each) =>
      field(8, "$ref" in each ? encodeReference(each) : [field(1, encodeParameter(each))]),
    ),
    field(
      9,
      Object.entries(operation.responses).map(([status, { description, schema }]) =>
        named(1, status, [
          field(1, [text(1, description), ...(schema ? [field(2, [field(1, encodeSchema(schema))])] : [])]),
        ]),
      ),
    ),
    ...texts(10, operation.schemes),
    ...extensions(13, operation as unknown as JsonSchema),
  ];
}

/** ParametersItem.json_reference. */
function encodeReference({ $ref }: ReferenceV2): Uint8Array[] {
  return [field(2, [text(1, $ref)])];
}

/** A Parameter, which is a body's or another's. */
function encodeParameter(parameter: ParameterV2): Uint8Array[] {
  const { name, in: place, description, required, type, uniqueItems, schema } = parameter;
  if (schema) {
    const body = [text(2, name), text(3, place), flag(4, required), field(5, encodeSchema(schema))];
    return [field(1, [text(1, description), ...body])];
  }
  const isPlain = place === "path" || place === "header";
  const fields = [
    flag(1, required),
    text(2, place),
    text(3, description),
    text(4, name),
    text(isPlain ? 5 : 6, type),
    flag(isPlain ? 19 : 20, uniqueItems),
  ];
  return [field(2, [field(placeTags[place], fields)])];
}

const placeTags = { header: 1, formData: 2, query: 3, path: 4, body: 0 } as const;

type Writer = (value: never) => readonly Uint8Array[];

/** How each keyword of a schema is written. */
const keywords: Readonly<Record<string, Writer>> = {
  $ref: (value: string) => [text(1, value)],
  format: (value: string) => [text(2, value)],
  title: (value: string) => [text(3, value)],
  description: (value: string) => [text(4, value)],
  default: (value: unknown) => [any(5, value)],
  multipleOf: (value: number) => [number(6, value)],
  maximum: (value: number) => [number(7, value)],
  exclusiveMaximum: (value: boolean) => [flag(8, value)],
  minimum: (value: number) => [number(9, value)],
  exclusiveMinimum: (value: boolean) => [flag(10, value)],
  maxLength: (value: number) => [integer(11, value)],
  minLength: (value: number) => [integer(12, value)],
  pattern: (value: string) => [text(13, value)],
  maxItems: (value: number) => [integer(14, value)],
  minItems: (value: number) => [integer(15, value)],
  uniqueItems: (value: boolean) => [flag(16, value)],
  maxProperties: (value: number) => [integer(17, value)],
  minProperties: (value: number) => [integer(18, value)],
  required: (value: readonly string[]) => texts(19, value),
  enum: (value: readonly unknown[]) => value.map((each) => any(20, each)),
  additionalProperties: (value: JsonSchema | boolean) => [
    field(21, typeof value === "boolean" ? [flag(2, value)] : [field(1, encodeSchema(value))]),
  ],
  type: (value: string | readonly string[]) => [field(22, texts(1, typeof value === "string" ? [value] : value))],
  items: (value: JsonSchema) => [field(23, [field(1, encodeSchema(value))])],
  allOf: (value: readonly JsonSchema[]) => value.map((each) => field(24, encodeSchema(each))),
  properties: (value: Readonly<Record<string, JsonSchema>>) => [
    field(
      25,
      Object.entries(value).map(([name, each]) => named(1, name, encodeSchema(each))),
    ),
  ],
};

function encodeSchema(schema: JsonSchema): Uint8Array[] {
  const known = Object.entries(schema).flatMap(([key, value]) => keywords[key]?.(value as never) ?? []);
  return [...known, ...extensions(31, schema)];
}

function extensions(tag: number, owner: JsonSchema): Uint8Array[] {
  return Object.entries(owner)
    .filter(([key]) => key.startsWith("x-"))
    .map(([key, value]) => named(tag, key, [text(2, JSON.stringify(value))]));
}

/** gnostic's Any holds YAML, of which JSON is a part. */
function any(tag: number, value: unknown): Uint8Array {
  return field(tag, [text(2, JSON.stringify(value))]);
}
