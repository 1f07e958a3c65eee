// The parameters requests take, as OpenAPI names them.

export interface Parameter {
  readonly name: string;
  readonly in: "query" | "path";
  readonly type: "string" | "integer" | "boolean";
  readonly required?: boolean;
}

function query(name: string, type: Parameter["type"] = "string"): Parameter {
  return { name, in: "query", type };
}

export const pathParameters = {
  name: { name: "name", in: "path", type: "string", required: true },
  namespace: { name: "namespace", in: "path", type: "string", required: true },
} as const satisfies Record<string, Parameter>;

export const pretty = query("pretty");

export const listParameters: readonly Parameter[] = [
  query("allowWatchBookmarks", "boolean"),
  query("continue"),
  query("fieldSelector"),
  query("labelSelector"),
  query("limit", "integer"),
  query("resourceVersion"),
  query("resourceVersionMatch"),
  query("sendInitialEvents", "boolean"),
  query("timeoutSeconds", "integer"),
  query("watch", "boolean"),
];

export const createParameters: readonly Parameter[] = [
  query("dryRun"),
  query("fieldManager"),
  query("fieldValidation"),
];

export const patchParameters: readonly Parameter[] = [...createParameters, query("force", "boolean")];

export const deleteParameters: readonly Parameter[] = [
  query("dryRun"),
  query("gracePeriodSeconds", "integer"),
  query("ignoreStoreReadErrorWithClusterBreakingPotential", "boolean"),
  query("orphanDependents", "boolean"),
  query("propagationPolicy"),
];

/** Each parameter there is, as the very object the lists hold. */
export const allParameters: readonly Parameter[] = [
  ...new Set([
    ...Object.values(pathParameters),
    pretty,
    ...listParameters,
    ...createParameters,
    ...patchParameters,
    ...deleteParameters,
  ]),
];
