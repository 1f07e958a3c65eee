// The names and groups that mean something to every cluster, and service accounts' names as users.

import type { UserInfo } from "#kubernetes/api";

export const allAuthenticated = "system:authenticated";
export const allUnauthenticated = "system:unauthenticated";
/** Whoever is in this group may do anything. */
export const mastersGroup = "system:masters";
export const nodesGroup = "system:nodes";

export const anonymousUser: UserInfo = { name: "system:anonymous", groups: [allUnauthenticated] };
/** The server itself, when it writes (bootstrap objects, statuses of custom resource definitions). */
export const apiServerUser: UserInfo = { name: "system:apiserver", groups: [mastersGroup, allAuthenticated] };

const serviceAccountPrefix = "system:serviceaccount:";
export const nodePrefix = "system:node:";

export function serviceAccountUserName(namespace: string, name: string): string {
  return `${serviceAccountPrefix}${namespace}:${name}`;
}

export function serviceAccountGroups(namespace: string): string[] {
  return ["system:serviceaccounts", `system:serviceaccounts:${namespace}`];
}

/** The account a user name stands for, if it is a service account's. */
export function parseServiceAccount(userName: string): { namespace: string; name: string } | undefined {
  if (!userName.startsWith(serviceAccountPrefix)) return undefined;
  const [namespace, name, ...more] = userName.slice(serviceAccountPrefix.length).split(":");
  return namespace && name && more.length === 0 ? { namespace, name } : undefined;
}

/** The node a kubelet's user name stands for; undefined for anybody else. */
export function nodeOfUser(user: UserInfo): string | undefined {
  if (!user.name.startsWith(nodePrefix) || !user.groups.includes(nodesGroup)) return undefined;
  return user.name.slice(nodePrefix.length) || undefined;
}

/** The user with system:authenticated among the groups. */
export function withAuthenticatedGroup(user: UserInfo): UserInfo {
  return user.groups.includes(allAuthenticated) ? user : { ...user, groups: [...user.groups, allAuthenticated] };
}

/** The user as authentication.k8s.io's UserInfo shows it; what is empty is left out. */
export function describeUser({ name, uid, groups, extra }: UserInfo): object {
  return { username: name, ...(uid && { uid }), ...(groups.length > 0 && { groups }), ...(extra && { extra }) };
}
