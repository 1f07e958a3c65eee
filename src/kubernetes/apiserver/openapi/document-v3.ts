// OpenAPI v3: a document for each group version.

import type { ApiVersion } from "../registry/resources/resource-table.ts";
import { type Operation, type PathItem, pathsOf, typeOf } from "./operations.ts";
import type { Parameter } from "./parameters.ts";
import { resourceSchemas, typesOfOperations } from "./schemas-of-resources.ts";
import { reference } from "./type-schemas.ts";

/** The document of a group version. */
export function documentV3({ group, version, resources }: ApiVersion, release: string): object {
  const items = resources.flatMap(pathsOf);
  const tag = `${group === "" ? "core" : group.replace(/\.k8s\.io$/, "").replaceAll(".", "_")}_${version}`;
  const paths = Object.fromEntries(
    items.map((item) => [item.path, pathItem(item, tag)] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  const types = [...typesOfOperations(items), ...resources.map((resource) => typeOf(resource, ""))];
  return {
    openapi: "3.0.0",
    info: { title: "Kubernetes", version: release },
    paths,
    components: {
      schemas: resourceSchemas(resources, types, "v3"),
      securitySchemes: {
        BearerToken: {
          type: "apiKey",
          description: "Bearer Token authentication",
          name: "authorization",
          in: "header",
        },
      },
    },
  };
}

function pathItem({ parameters, operations }: PathItem, tag: string): object {
  const byMethod = operations.map((operation) => [operation.method, operationOf(operation, tag)] as const);
  return { ...Object.fromEntries(byMethod), parameters: parameters.map(parameterOf) };
}

function parameterOf({ name, in: place, type, required }: Parameter): object {
  return { name, in: place, ...(required && { required }), schema: { type, uniqueItems: true } };
}

const answerTypes = ["application/json", "application/vnd.kubernetes.protobuf", "application/yaml"];
const streamTypes = ["application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch"];
const patchTypes = [
  "application/apply-patch+yaml",
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
];

function operationOf(operation: Operation, tag: string): object {
  const { id, action, kind, parameters, body, isPatch, isList, answers } = operation;
  const types = isList ? [...answerTypes, ...streamTypes] : answerTypes;
  return {
    tags: [tag],
    operationId: id,
    ...(parameters.length > 0 && { parameters: parameters.map(parameterOf) }),
    ...(body && {
      requestBody: {
        content: contentOf(isPatch ? patchTypes : ["*/*"], body.type),
        ...(body.required && { required: true }),
      },
    }),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, type]) => [
          status,
          { description: descriptions[status] ?? "", content: contentOf(type === "" ? ["*/*"] : types, type) },
        ]),
      ),
      401: { description: "Unauthorized" },
    },
    "x-kubernetes-action": action,
    "x-kubernetes-group-version-kind": kind,
  };
}

const descriptions: Readonly<Record<string, string>> = { 200: "OK", 201: "Created", 202: "Accepted" };

function contentOf(mediaTypes: readonly string[], type: string): object {
  const schema = type === "" ? { type: "string" } : reference(type, "v3");
  return Object.fromEntries(mediaTypes.map((mediaType) => [mediaType, { schema }]));
}
