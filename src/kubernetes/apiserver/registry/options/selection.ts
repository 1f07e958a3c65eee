// What a list or watch is narrowed to: label and field selectors compiled, and the part of the collection they leave.

import type { Selector } from "#kubernetes/api";
import {
  badRequest,
  type FieldSelector,
  type KubeObject,
  parseFieldSelector,
  parseSelector,
  quote,
} from "#kubernetes/api";
import type { ServedResource } from "../resources/served-resource.ts";
import type { Matcher } from "../watch/watch-record.ts";
import type { ListOptions } from "./list-options.ts";

export interface Selection {
  /** "" for all namespaces. */
  readonly namespace: string;
  /** The one object's name, where only one can match. */
  readonly name: string | undefined;
  /** The one node whose pods can match. */
  readonly partition: string | undefined;
  /** Whether an object of that part is wanted; absent: all are. */
  readonly matches: Matcher | undefined;
}

/** The field that objects are divided by in watches, where there is one. */
export function partitionField(resource: ServedResource): string | undefined {
  return resource.info.group === "" && resource.info.resource === "pods" ? "spec.nodeName" : undefined;
}

/**
 * Compiles the selectors of a request. `name` is that of a request for one object (a watch of it), else "". Throws BadRequest
 * for selectors that cannot be read, and for fields the resource cannot be selected by.
 */
export function compileSelection(
  resource: ServedResource,
  namespace: string,
  name: string,
  options: Pick<ListOptions, "labelSelector" | "fieldSelector">,
): Selection {
  const labels = options.labelSelector === "" ? undefined : parse(() => parseSelector(options.labelSelector));
  let fields = options.fieldSelector === "" ? undefined : parse(() => parseFieldSelector(options.fieldSelector));
  if (fields) checkFields(resource, fields);
  const exactName = fields?.exactValue("metadata.name");
  if (name !== "" && fields && !fields.isEmpty && exactName !== name) {
    throw badRequest("fieldSelector metadata.name doesn't match requested name");
  }
  const wantedName = name === "" ? exactName : name;
  const wantedNamespace = namespace === "" ? (fields?.exactValue("metadata.namespace") ?? "") : namespace;
  if (fields?.isEmpty) fields = undefined;
  const field = partitionField(resource);
  return {
    namespace: resource.info.namespaced ? wantedNamespace : "",
    name: wantedName,
    partition: field === undefined ? undefined : fields?.exactValue(field),
    matches: compileMatcher(resource, labels, fields, wantedName),
  };
}

function parse<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw badRequest((error as Error).message);
  }
}

function checkFields({ definition, custom }: ServedResource, fields: FieldSelector): void {
  for (const { field } of fields.requirements) {
    if (field === "metadata.name" || field === "metadata.namespace") continue;
    const own = definition.selectableFields;
    if (own && Object.hasOwn(own, field)) continue;
    if (own || custom) throw badRequest(`field label not supported: ${field}`);
    throw badRequest(`${quote(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`);
  }
}

function compileMatcher(
  resource: ServedResource,
  labels: Selector | undefined,
  fields: FieldSelector | undefined,
  name: string | undefined,
): Matcher | undefined {
  const byLabels = labels && !labels.isEmpty ? labels : undefined;
  const own = resource.definition.selectableFields ?? {};
  const readField = (object: KubeObject, field: string): string => {
    if (field === "metadata.name") return object.metadata.name ?? "";
    if (field === "metadata.namespace") return object.metadata.namespace ?? "";
    return own[field]?.(object as never) ?? "";
  };
  // A name alone needs no matching: only that object is looked at.
  const onlyName = fields && name !== undefined && fields.requirements.every(({ field }) => field === "metadata.name");
  const byFields = onlyName ? undefined : fields;
  if (!byLabels && !byFields) return undefined;
  return (object) =>
    (!byLabels || byLabels.matches(object.metadata.labels)) &&
    (!byFields || byFields.matches((field) => readField(object, field)));
}
