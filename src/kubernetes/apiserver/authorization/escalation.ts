// Nobody gives what he does not have: whoever writes a role or binds one must hold its permissions, unless he may "escalate" or
// "bind". Superusers may do anything.

import {
  type ClusterRoleBinding,
  forbidden,
  type KubeObject,
  notFound,
  type PolicyRule,
  quote,
  type RoleBinding,
  type RoleRef,
  type UserInfo,
} from "#kubernetes/api";
import type { Call } from "../call.ts";
import type { ResourceHooks } from "../registry/resources/served-resource.ts";
import type { Authorizer } from "./authorizer.ts";
import { isChangedByCollectorOnly } from "./collector-change.ts";
import type { RbacIndex } from "./rbac-index.ts";
import { describeRules, findUncovered, formatList } from "./rule-cover.ts";

const group = "rbac.authorization.k8s.io";
const mastersGroup = "system:masters";

export interface EscalationChecks {
  readonly authorizer: Authorizer;
  readonly index: RbacIndex;
}

/** For roles and clusterroles. */
export function guardRoles(checks: EscalationChecks): ResourceHooks {
  return guard(async (object, call) => {
    const { apiGroup, resource, name, namespace } = call.info;
    const wish = { verb: "escalate", apiGroup, apiVersion: "*", resource, name, namespace };
    if (await isAllowed(checks, call.user, wish)) return;
    requireRules(checks, call, object, (object as { rules?: PolicyRule[] }).rules ?? []);
  });
}

/** For rolebindings and clusterrolebindings. */
export function guardBindings(checks: EscalationChecks): ResourceHooks {
  return guard(async (object, call) => {
    const { roleRef } = object as RoleBinding | ClusterRoleBinding;
    const { namespace } = call.info;
    const resource = roleRef.kind === "ClusterRole" ? "clusterroles" : "roles";
    const wish = {
      verb: "bind",
      apiGroup: roleRef.apiGroup ?? "",
      apiVersion: "*",
      resource,
      name: roleRef.name,
      namespace,
    };
    const isKnownKind = roleRef.kind === "ClusterRole" || roleRef.kind === "Role";
    if (isKnownKind && (await isAllowed(checks, call.user, wish))) return;
    requireRules(checks, call, object, rulesOf(checks.index, roleRef, namespace));
  });
}

type Check = (object: KubeObject, call: Call) => Promise<void>;

function guard(check: Check): ResourceHooks {
  return {
    async beginCreate(object, { call }) {
      if (!call.user.groups.includes(mastersGroup)) await check(object, call);
      return undefined;
    },
    async beginUpdate(object, old, { call }) {
      const isFree = call.user.groups.includes(mastersGroup) || isChangedByCollectorOnly(object, old);
      if (!isFree) await check(object, call);
      return undefined;
    },
  };
}

interface Wish {
  readonly verb: string;
  readonly apiGroup: string;
  readonly apiVersion: string;
  readonly resource: string;
  readonly name: string;
  readonly namespace: string;
}

async function isAllowed({ authorizer }: EscalationChecks, user: UserInfo, wish: Wish): Promise<boolean> {
  const decision = await authorizer.authorize({ ...wish, user, isResourceRequest: true, subresource: "", path: "" });
  return decision.allowed;
}

function rulesOf(index: RbacIndex, roleRef: RoleRef, namespace: string): readonly PolicyRule[] {
  const rules = index.rulesOf(roleRef, namespace);
  if (rules) return rules;
  throw notFound({ group, resource: roleRef.kind === "ClusterRole" ? "clusterroles" : "roles" }, roleRef.name);
}

function requireRules(
  { index }: EscalationChecks,
  call: Call,
  object: KubeObject,
  wanted: readonly PolicyRule[],
): void {
  const { user, info } = call;
  const owned = [...index.bindingsFor(user, info.namespace)].flatMap(
    ({ binding }) => index.rulesOf(binding.roleRef, binding.metadata.namespace ?? "") ?? [],
  );
  const missing = findUncovered(owned, wanted);
  if (missing.length === 0) return;
  const who = `user ${quote(user.name)} (groups=${formatList(user.groups)})`;
  const why = `${who} is attempting to grant RBAC permissions not currently held:\n${describeRules(missing)}`;
  throw forbidden({ group, resource: info.resource }, object.metadata.name ?? "", why);
}
