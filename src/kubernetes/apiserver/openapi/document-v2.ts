// OpenAPI v2: one document for everything served.

import type { ServedResource } from "../registry/resources/served-resource.ts";
import { type Operation, type PathItem, pathsOf, typeOf } from "./operations.ts";
import type { Parameter } from "./parameters.ts";
import { resourceSchemas, typesOfOperations } from "./schemas-of-resources.ts";
import { type JsonSchema, reference } from "./type-schemas.ts";

export interface DocumentV2 {
  readonly swagger: "2.0";
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, PathItemV2>>;
  readonly definitions: Readonly<Record<string, JsonSchema>>;
  readonly securityDefinitions: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
}

export type PathItemV2 = Readonly<Record<string, OperationV2 | readonly ParameterV2[]>>;

export interface OperationV2 {
  readonly consumes: readonly string[];
  readonly produces: readonly string[];
  readonly schemes: readonly string[];
  readonly tags: readonly string[];
  readonly operationId: string;
  readonly parameters?: readonly ParameterV2[];
  readonly responses: Readonly<Record<string, { readonly description: string; readonly schema?: JsonSchema }>>;
  readonly "x-kubernetes-action": string;
  readonly "x-kubernetes-group-version-kind": object;
}

export interface ParameterV2 {
  readonly name: string;
  readonly in: "query" | "path" | "body";
  readonly required?: boolean;
  readonly type?: string;
  readonly uniqueItems?: boolean;
  readonly schema?: JsonSchema;
}

export function documentV2(resources: readonly ServedResource[], release: string): DocumentV2 {
  const tagged = resources.flatMap((resource) => {
    const { group, version } = resource.info;
    const tag = `${group === "" ? "core" : group.replace(/\.k8s\.io$/, "").replaceAll(".", "_")}_${version}`;
    return pathsOf(resource).map((item) => [item, tag] as const);
  });
  const items = tagged.map(([item]) => item);
  const types = [...typesOfOperations(items), ...resources.map((resource) => typeOf(resource, ""))];
  return {
    swagger: "2.0",
    info: { title: "Kubernetes", version: release },
    paths: Object.fromEntries(tagged.map(([item, tag]) => [item.path, pathItem(item, tag)])),
    definitions: resourceSchemas(resources, types, "v2"),
    securityDefinitions: {
      BearerToken: { description: "Bearer Token authentication", type: "apiKey", name: "authorization", in: "header" },
    },
    security: [{ BearerToken: [] }],
  };
}

function pathItem({ parameters, operations }: PathItem, tag: string): PathItemV2 {
  const byMethod = operations.map((operation) => [operation.method, operationOf(operation, tag)] as const);
  return { ...Object.fromEntries(byMethod), parameters: parameters.map(parameterOf) };
}

function parameterOf({ name, in: place, type, required }: Parameter): ParameterV2 {
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
    ...parameters.map(parameterOf),
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
