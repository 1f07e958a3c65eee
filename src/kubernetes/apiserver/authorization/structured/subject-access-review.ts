// What is asked for, as a webhook is asked: the spec of a SubjectAccessReview.

import {
  parseFieldSelector,
  parseSelector,
  type ResourceAttributes,
  SelectorError,
  type SubjectAccessReviewSpec,
} from "#kubernetes/api";
import type { AuthorizationAttributes } from "../authorizer.ts";

export function reviewSpecOf(attributes: AuthorizationAttributes): SubjectAccessReviewSpec {
  const { user, isResourceRequest, path, verb } = attributes;
  return {
    user: user.name,
    ...(user.uid && { uid: user.uid }),
    groups: [...user.groups],
    ...(user.extra && { extra: user.extra as Record<string, string[]> }),
    ...(isResourceRequest
      ? { resourceAttributes: resourceAttributesOf(attributes) }
      : { nonResourceAttributes: { path, verb } }),
  };
}

/** What is empty is left out, as Go writes it. */
function resourceAttributesOf(attributes: AuthorizationAttributes): ResourceAttributes {
  const { namespace, verb, apiGroup: group, apiVersion: version, resource, subresource, name } = attributes;
  const texts = Object.entries({ namespace, verb, group, version, resource, subresource, name });
  const fields = understood(() => fieldRequirements(attributes.fieldSelector));
  const labels = understood(() => labelRequirements(attributes.labelSelector));
  return {
    ...Object.fromEntries(texts.filter(([, text]) => text !== "")),
    ...(fields.length > 0 && { fieldSelector: { requirements: fields } }),
    ...(labels.length > 0 && { labelSelector: { requirements: labels } }),
  };
}

interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: string[];
}

/** A selector that cannot be understood narrows nothing: more is asked for, never less. */
function understood(read: () => Requirement[]): Requirement[] {
  try {
    return read();
  } catch (error) {
    if (error instanceof SelectorError) return [];
    throw error;
  }
}

function fieldRequirements(text: string | undefined): Requirement[] {
  if (!text) return [];
  return parseFieldSelector(text).requirements.map(({ field, operator, value }) => ({
    key: field,
    operator: operator === "!=" ? "NotIn" : "In",
    values: [value],
  }));
}

const operators: Readonly<Record<string, string>> = {
  "=": "In",
  "==": "In",
  in: "In",
  "!=": "NotIn",
  notin: "NotIn",
  exists: "Exists",
  "!": "DoesNotExist",
};

function labelRequirements(text: string | undefined): Requirement[] {
  if (!text) return [];
  return parseSelector(text).requirements.flatMap(({ key, operator, values }) => {
    const name = operators[operator];
    return name === undefined ? [] : [{ key, operator: name, ...(values.length > 0 && { values: [...values] }) }];
  });
}
