// The words in which a request is refused for lack of permission (upstream's responsewriters.ForbiddenStatusError).

import { forbidden, quote, type StatusError } from "#kubernetes/api";
import type { AuthorizationAttributes } from "./authorizer.ts";

/** The Forbidden error for what was asked; `reason` is what the authorizers had to say. */
export function forbiddenError(attributes: AuthorizationAttributes, reason: string): StatusError {
  const message = escapeHtml(describe(attributes));
  const resource = { group: attributes.apiGroup, resource: attributes.resource };
  return forbidden(resource, attributes.name, reason === "" ? message : `${message}: ${reason}`);
}

function describe(attributes: AuthorizationAttributes): string {
  const { user, verb, path, apiGroup, namespace, subresource } = attributes;
  if (!attributes.isResourceRequest) return `User ${quote(user.name)} cannot ${verb} path ${quote(path)}`;
  const resource = subresource === "" ? attributes.resource : `${attributes.resource}/${subresource}`;
  const scope = namespace === "" ? "at the cluster scope" : `in the namespace ${quote(namespace)}`;
  return `User ${quote(user.name)} cannot ${verb} resource ${quote(resource)} in API group ${quote(apiGroup)} ${scope}`;
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
