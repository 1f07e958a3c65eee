// Acting as somebody else: the Impersonate-… headers, each of which the one who asks must be allowed to use.

import { badRequest, type UserInfo } from "#kubernetes/api";
import type { AuthorizationAttributes, Authorizer } from "../authorization/authorizer.ts";
import { forbiddenError } from "../authorization/forbidden.ts";
import type { Call } from "../call.ts";
import { headerValues, readExtra } from "./front-proxy.ts";
import {
  allAuthenticated,
  allUnauthenticated,
  anonymousUser,
  parseServiceAccount,
  serviceAccountGroups,
} from "./users.ts";

const extraPrefix = "impersonate-extra-";

interface Request {
  readonly resource: string;
  readonly apiGroup: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name: string;
}

/** The user to act as; the one who asks where no header says otherwise. Throws Forbidden. */
export async function impersonate(call: Call, authorizer: Authorizer): Promise<UserInfo> {
  const { headers } = call.request;
  const name = headers["impersonate-user"] ?? "";
  const groups = headerValues(headers["impersonate-group"]);
  const uid = headers["impersonate-uid"] ?? "";
  const extra = readExtra(headers, extraPrefix);
  const requests = listRequests(name, groups, uid, extra);
  if (requests.length === 0) return call.user;
  if (name === "") throw badRequest(`requested ${JSON.stringify(requests)} without impersonating a user`);
  for (const request of requests) await checkRequest(call.user, request, authorizer);
  return impersonatedUser(name, groups, uid, extra);
}

/** Whether any header asks to act as somebody else: the quick look nearly every request ends with. */
export function asksForImpersonation(headers: Call["request"]["headers"]): boolean {
  for (const name in headers) if (name.startsWith("impersonate-")) return true;
  return false;
}

function listRequests(
  name: string,
  groups: readonly string[],
  uid: string,
  extra: Record<string, string[]>,
): Request[] {
  const apiGroup = "authentication.k8s.io";
  const requests: Request[] = [];
  if (name !== "") {
    const account = parseServiceAccount(name);
    requests.push(
      account
        ? { resource: "serviceaccounts", apiGroup: "", namespace: account.namespace, name: account.name }
        : { resource: "users", apiGroup: "", name },
    );
  }
  for (const group of groups) requests.push({ resource: "groups", apiGroup: "", name: group });
  for (const [key, values] of Object.entries(extra)) {
    for (const value of values) requests.push({ resource: "userextras", apiGroup, subresource: key, name: value });
  }
  if (uid !== "") requests.push({ resource: "uids", apiGroup, name: uid });
  return requests;
}

async function checkRequest(user: UserInfo, request: Request, authorizer: Authorizer): Promise<void> {
  const attributes: AuthorizationAttributes = {
    user,
    verb: "impersonate",
    isResourceRequest: true,
    path: "",
    apiGroup: request.apiGroup,
    apiVersion: request.apiGroup === "" ? "" : "v1",
    namespace: request.namespace ?? "",
    resource: request.resource,
    subresource: request.subresource ?? "",
    name: request.name,
  };
  const decision = await authorizer.authorize(attributes);
  if (!decision.allowed) throw forbiddenError(attributes, decision.reason);
}

function impersonatedUser(
  name: string,
  asked: readonly string[],
  uid: string,
  extra: Record<string, string[]>,
): UserInfo {
  const account = parseServiceAccount(name);
  const groups = asked.length === 0 && account ? serviceAccountGroups(account.namespace) : [...asked];
  const isAnonymous = name === anonymousUser.name;
  if (isAnonymous && !groups.includes(allUnauthenticated)) groups.push(allUnauthenticated);
  if (!isAnonymous && !groups.includes(allAuthenticated) && !groups.includes(allUnauthenticated)) {
    groups.push(allAuthenticated);
  }
  return { name, groups, ...(uid !== "" && { uid }), ...(Object.keys(extra).length > 0 && { extra }) };
}
