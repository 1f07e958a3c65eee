// Acting as somebody else: the Impersonate-… headers, each of which the one who asks must be allowed to use.

import { badRequest, checkDNS1123Subdomain, quote, type StatusError, type UserInfo } from "#kubernetes/api";
import type { AuthorizationAttributes, Authorizer } from "../authorization/authorizer.ts";
import { forbiddenError } from "../authorization/forbidden.ts";
import type { Call } from "../call.ts";
import { headerValues, readExtra } from "./front-proxy.ts";
import {
  allAuthenticated,
  allUnauthenticated,
  anonymousUser,
  mastersGroup,
  nodePrefix,
  nodesGroup,
  parseServiceAccount,
  serviceAccountGroups,
} from "./users.ts";

const extraPrefix = "impersonate-extra-";

/** The user to act as; the one who asks where no header says otherwise. Throws Forbidden. */
export async function impersonate(call: Call, authorizer: Authorizer): Promise<UserInfo> {
  const wanted = readWanted(call.request.headers);
  if (!wanted) return call.user;
  let refusal: StatusError | undefined;
  for (const mode of modesFor(wanted, call.user)) {
    const refused = await checkMode(call, wanted, mode, authorizer);
    if (!refused) return impersonatedUser(wanted, mode);
    refusal ??= refused;
  }
  throw refusal!;
}

/** What the headers say, with nothing added. Throws BadRequest where they name no user. */
function readWanted(headers: Call["request"]["headers"]): UserInfo | undefined {
  const name = headers["impersonate-user"] ?? "";
  const groups = headerValues(headers["impersonate-group"]);
  const uid = headers["impersonate-uid"] ?? "";
  const extra = readExtra(headers, extraPrefix);
  const hasExtra = Object.keys(extra).length > 0;
  if (name === "") {
    if (groups.length === 0 && uid === "" && !hasExtra) return undefined;
    throw badRequest(`requested ${printUser(groups, uid, extra)} without impersonating a user name`);
  }
  return { name, groups, ...(uid !== "" && { uid }), ...(hasExtra && { extra }) };
}

/** As Go prints it. */
function printUser(groups: readonly string[], uid: string, extra: Record<string, string[]>): string {
  const list = (values: readonly string[]) =>
    values.length > 0 ? `[]string{${values.map(quote).join(", ")}}` : "[]string(nil)";
  const entries = Object.entries(extra).map(([key, values]) => `${quote(key)}:${list(values)}`);
  const map = entries.length > 0 ? `map[string][]string{${entries.join(", ")}}` : "map[string][]string(nil)";
  return `&user.DefaultInfo{Name:"", UID:${quote(uid)}, Groups:${list(groups)}, Extra:${map}}`;
}

type Mode = "associated-node" | "arbitrary-node" | "serviceaccount" | "user-info" | "legacy";

/**
 * The ways in which this user may be impersonated, in upstream's order (KEP-5284): nodes and service accounts by their name alone,
 * others with all that belongs to a user; and any as before there were ways.
 */
function modesFor(wanted: UserInfo, requestor: UserInfo): Mode[] {
  const { name, groups, uid, extra } = wanted;
  const isNameOnly = groups.length === 0 && uid === undefined && extra === undefined;
  const node = nodeOfName(name);
  const modes: Mode[] = [];
  if (node !== undefined && isNameOnly) {
    const own = parseServiceAccount(requestor.name) && requestor.extra?.[nodeNameKey];
    if (own?.length === 1 && own[0] === node) modes.push("associated-node");
    modes.push("arbitrary-node");
  }
  if (parseServiceAccount(name)) {
    if (isNameOnly) modes.push("serviceaccount");
  } else if (node === undefined) modes.push("user-info");
  return [...modes, "legacy"];
}

const nodeNameKey = "authentication.kubernetes.io/node-name";

/** Why it may not be in this way: first this very request, then every part of the user. */
async function checkMode(
  call: Call,
  wanted: UserInfo,
  mode: Mode,
  authorizer: Authorizer,
): Promise<StatusError | undefined> {
  const user = mode === "associated-node" ? withoutNode(call.user) : call.user;
  const refusalOf = async (attributes: AuthorizationAttributes) => {
    const { allowed, reason } = await authorizer.authorize(attributes);
    return allowed ? undefined : forbiddenError(attributes, reason);
  };
  if (mode !== "legacy") {
    const refused = await refusalOf({ ...call.info, user, verb: `impersonate-on:${mode}:${call.info.verb}` });
    if (refused) return refused;
  }
  for (const part of partsOf(wanted, mode)) {
    const attributes = attributesOf(part, user, mode);
    const refused =
      part.forbidden === undefined ? await refusalOf(attributes) : forbiddenError(attributes, part.forbidden);
    if (refused) return refused;
  }
  return undefined;
}

/** Which node the account is on is not for the authorizer: what it allows, it allows on each account's own. */
function withoutNode(user: UserInfo): UserInfo {
  const keys = Object.keys(user.extra ?? {}).sort();
  return { ...user, extra: { "authentication.kubernetes.io/associated-node-keys": keys } };
}

interface Part {
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name: string;
  /** Why nobody may. */
  readonly forbidden?: string;
}

function partsOf({ name, uid, groups, extra = {} }: UserInfo, mode: Mode): Part[] {
  const isLegacy = mode === "legacy";
  const parts: Part[] = [namePart(name, mode)];
  if (uid !== undefined) parts.push({ resource: "uids", name: uid });
  if (!isLegacy && groups.includes("")) {
    const forbidden = "impersonating the empty string group is not allowed";
    parts.push({ resource: "groups", name: "", forbidden });
  }
  if (!isLegacy && groups.includes(mastersGroup)) {
    const forbidden = "impersonating the system:masters group is not allowed";
    parts.push({ resource: "groups", name: mastersGroup, forbidden });
  }
  for (const group of groups) parts.push({ resource: "groups", name: group });
  for (const [key, values] of Object.entries(extra)) {
    for (const value of values) parts.push({ resource: "userextras", subresource: key, name: value });
  }
  return parts;
}

function namePart(name: string, mode: Mode): Part {
  if (mode === "associated-node") return { resource: "nodes", name: "*" };
  if (mode === "arbitrary-node") return { resource: "nodes", name: nodeOfName(name)! };
  const account = parseServiceAccount(name);
  return account ? { resource: "serviceaccounts", ...account } : { resource: "users", name };
}

/** Whether any header asks to act as somebody else: the quick look nearly every request ends with. */
export function asksForImpersonation(headers: Call["request"]["headers"]): boolean {
  for (const name in headers) if (name.startsWith("impersonate-")) return true;
  return false;
}

const authenticationGroup = "authentication.k8s.io";

/** Before there were ways, users, groups and accounts were of the core group. */
function attributesOf(part: Part, user: UserInfo, mode: Mode): AuthorizationAttributes {
  const isLegacy = mode === "legacy";
  const isCore = isLegacy && part.resource !== "uids" && part.resource !== "userextras";
  return {
    user,
    verb: isLegacy ? "impersonate" : `impersonate:${mode}`,
    isResourceRequest: true,
    path: "",
    apiGroup: isCore ? "" : authenticationGroup,
    apiVersion: "v1",
    namespace: part.namespace ?? "",
    resource: part.resource,
    subresource: part.subresource ?? "",
    name: part.name,
  };
}

function impersonatedUser(wanted: UserInfo, mode: Mode): UserInfo {
  const { name } = wanted;
  const groups = [...wanted.groups];
  const account = parseServiceAccount(name);
  if (mode === "associated-node" || mode === "arbitrary-node") groups.push(nodesGroup);
  else if (groups.length === 0 && account) groups.push(...serviceAccountGroups(account.namespace));
  const isAnonymous = name === anonymousUser.name;
  if (isAnonymous && !groups.includes(allUnauthenticated)) groups.push(allUnauthenticated);
  if (!isAnonymous && !groups.includes(allAuthenticated) && !groups.includes(allUnauthenticated)) {
    groups.push(allAuthenticated);
  }
  return { ...wanted, groups };
}

/** The node a user name stands for, whatever groups come with it. */
function nodeOfName(name: string): string | undefined {
  if (!name.startsWith(nodePrefix)) return undefined;
  const node = name.slice(nodePrefix.length);
  return checkDNS1123Subdomain(node).length === 0 ? node : undefined;
}
