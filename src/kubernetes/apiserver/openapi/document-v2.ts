// OpenAPI v2: what each resource adds to the one document for everything served, and what frames it.

import { createHash } from "node:crypto";
import type { ServedResource } from "../registry/resources/served-resource.ts";
import { type Operation, type PathItem, pathsOf, typeOf } from "./operations.ts";
import { allParameters, type Parameter } from "./parameters.ts";
import { schemasOf, typesOfOperations } from "./schemas-of-resources.ts";
import { type JsonSchema, reference } from "./type-schemas.ts";

export interface FrameV2 {
  readonly swagger: "2.0";
  readonly info: { readonly title: string; readonly version: string };
  readonly securityDefinitions: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
}

export type PathItemV2 = Readonly<Record<string, OperationV2 | readonly ReferenceV2[]>>;

export interface OperationV2 {
  readonly consumes: readonly string[];
  readonly produces: readonly string[];
  readonly schemes: readonly string[];
  readonly tags: readonly string[];
  readonly operationId: string;
  readonly parameters?: readonly (ParameterV2 | ReferenceV2)[];
  readonly responses: Readonly<Record<string, { readonly description: string; readonly schema?: JsonSchema }>>;
  readonly "x-kubernetes-action": string;
  readonly "x-kubernetes-group-version-kind": object;
}

/** Of a parameter that many operations share. */
export interface ReferenceV2 {
  readonly $ref: string;
}

export interface ParameterV2 {
  readonly name: string;
  /** What is served here has none in headers and forms; other servers may. */
  readonly in: "query" | "path" | "body" | "header" | "formData";
  readonly description?: string;
  readonly required?: boolean;
  readonly type?: string;
  readonly uniqueItems?: boolean;
  readonly schema?: JsonSchema;
}

/** What one resource adds to the document. */
export interface ResourceV2 {
  readonly paths: Readonly<Record<string, PathItemV2>>;
  /** Of a custom resource; those of built-in ones are in the types table. */
  readonly definitions: Readonly<Record<string, JsonSchema>>;
  /** The types of the table that it refers to. */
  readonly types: readonly string[];
}

export function describeV2(resource: ServedResource): ResourceV2 {
  const { group, version } = resource.info;
  const tag = `${group === "" ? "core" : group.replace(/\.k8s\.io$/, "").replaceAll(".", "_")}_${version}`;
  const items = pathsOf(resource);
  const types = [...typesOfOperations(items), typeOf(resource, "")];
  const { custom, builtIn } = schemasOf([resource], types, "v2");
  return {
    paths: Object.fromEntries(items.map((item) => [item.path, pathItem(item, tag)])),
    definitions: Object.fromEntries(custom),
    types: builtIn,
  };
}

/** What the document says besides its paths, definitions and parameters. */
export function frameV2(release: string): FrameV2 {
  return {
    swagger: "2.0",
    info: { title: "Kubernetes", version: release },
    securityDefinitions: {
      BearerToken: { description: "Bearer Token authentication", type: "apiKey", name: "authorization", in: "header" },
    },
    security: [{ BearerToken: [] }],
  };
}

/** The parameters that operations refer to, by name. */
export const sharedParameters: Readonly<Record<string, ParameterV2>> = Object.fromEntries(
  allParameters.map((each) => [sharedName(writeParameter(each)), writeParameter(each)]),
);

/** As upstream names them: by what they are called, and by what they are. */
function sharedName(parameter: ParameterV2): string {
  const hash = createHash("sha256").update(JSON.stringify(parameter)).digest("base64url");
  return `${parameter.name}-${hash.slice(0, 8)}`;
}

const references = new Map(
  allParameters.map((each) => [each, { $ref: `#/parameters/${sharedName(writeParameter(each))}` }]),
);

function referenceTo(parameter: Parameter): ReferenceV2 {
  return references.get(parameter)!;
}

function pathItem({ parameters, operations }: PathItem, tag: string): PathItemV2 {
  const byMethod = operations.map((operation) => [operation.method, operationOf(operation, tag)] as const);
  return { ...Object.fromEntries(byMethod), parameters: parameters.map(referenceTo) };
}

function writeParameter({ name, in: place, type, required }: Parameter): ParameterV2 {
  return { uniqueItems: true, type, name, in: place, ...(required && { required }) };
}

const encodings = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];
const streams = ["application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch"];
const patches = [
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
  "application/apply-patch+yaml",
];

function operationOf(
  { id, action, kind, parameters, body, isPatch, isList, answers }: Operation,
  tag: string,
): OperationV2 {
  const isConnect = action === "connect";
  const taken = [
    ...(body
      ? [{ name: "body", in: "body", required: body.required, schema: reference(body.type, "v2") } as const]
      : []),
    ...parameters.map(referenceTo),
  ];
  return {
    consumes: isPatch ? patches : ["*/*"],
    produces: isConnect ? ["*/*"] : isList ? [...encodings, ...streams] : encodings,
    schemes: ["https"],
    tags: [tag],
    operationId: id,
    ...(taken.length > 0 && { parameters: taken }),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, type]) => [
          status,
          { description: descriptions[status] ?? "", schema: type === "" ? { type: "string" } : reference(type, "v2") },
        ]),
      ),
      401: { description: "Unauthorized" },
    },
    "x-kubernetes-action": action,
    "x-kubernetes-group-version-kind": kind,
  };
}

const descriptions: Readonly<Record<string, string>> = { 200: "OK", 201: "Created", 202: "Accepted" };
