// The options of a write as admission is shown them: CreateOptions and UpdateOptions out of the query (also of a patch, whose
// outcome is one or the other), DeleteOptions as they were read.

import type { DeleteOptions } from "#kubernetes/api";
import type { Operation } from "../../admission/admission.ts";

const apiVersion = "meta.k8s.io/v1";
const createOptions: object = Object.freeze({ kind: "CreateOptions", apiVersion });
const updateOptions: object = Object.freeze({ kind: "UpdateOptions", apiVersion });

/** Undefined of what connects: it has none. */
export function optionsOfOperation(
  operation: Operation,
  query: URLSearchParams,
  given: DeleteOptions = {},
): object | undefined {
  switch (operation) {
    case "CREATE":
      return withQuery(createOptions, query);
    case "UPDATE":
      return withQuery(updateOptions, query);
    case "DELETE":
      return { ...given, kind: "DeleteOptions", apiVersion };
    case "CONNECT":
      return undefined;
  }
}

function withQuery(options: object, query: URLSearchParams): object {
  if (query.size === 0) return options;
  const dryRun = query.getAll("dryRun");
  const fieldManager = query.get("fieldManager");
  const fieldValidation = query.get("fieldValidation");
  return {
    ...options,
    ...(dryRun.length > 0 && { dryRun }),
    ...(fieldManager && { fieldManager }),
    ...(fieldValidation && { fieldValidation }),
  };
}
