// Roles and bindings in memory, found by whom they are for, kept in step with the store.

import {
  type ClusterRole,
  type ClusterRoleBinding,
  type PolicyRule,
  type Role,
  type RoleBinding,
  type RoleRef,
  resources,
  type Subject,
  type UserInfo,
} from "#kubernetes/api";
import { serviceAccountUserName } from "../authentication/users.ts";
import type { LiveObjects } from "../live-objects.ts";
import { mirrorCollection } from "../store-mirror.ts";

export interface RbacIndex {
  readonly ready: Promise<void>;
  /** The bindings that apply to the user: those of the cluster and, unless it is "", of the namespace. */
  bindingsFor(user: UserInfo, namespace: string): Iterable<BoundSubject>;
  /** The rules a binding refers to; undefined when there is no such role. */
  rulesOf(roleRef: RoleRef, namespace: string): readonly PolicyRule[] | undefined;
  stop(): void;
}

/** A binding and the subject in it that made it apply. */
export interface BoundSubject {
  readonly binding: RoleBinding | ClusterRoleBinding;
  readonly subject: Subject;
}

export function createRbacIndex(objects: LiveObjects): RbacIndex {
  const roles = new Map<string, Role>();
  const clusterRoles = new Map<string, ClusterRole>();
  const clusterBindings = new BindingTable();
  const bindings = new BindingTable();
  const keep = <T>(map: Map<string, T>) => ({
    put: (key: string, object: T) => void map.set(key, object),
    remove: (key: string) => void map.delete(key),
  });
  const mirrors = [
    mirrorCollection<Role>(objects.collection(resources.roles), keep(roles)),
    mirrorCollection<ClusterRole>(objects.collection(resources.clusterRoles), keep(clusterRoles)),
    mirrorCollection<RoleBinding>(objects.collection(resources.roleBindings), bindings),
    mirrorCollection<ClusterRoleBinding>(objects.collection(resources.clusterRoleBindings), clusterBindings),
  ];
  return {
    ready: Promise.all(mirrors.map((mirror) => mirror.ready)).then(() => undefined),
    *bindingsFor(user, namespace) {
      yield* clusterBindings.find("", user);
      if (namespace !== "") yield* bindings.find(namespace, user);
    },
    rulesOf(roleRef, namespace) {
      if (roleRef.kind === "ClusterRole") {
        const role = clusterRoles.get(roleRef.name);
        return role && (role.rules ?? []);
      }
      const role = roles.get(`${namespace}/${roleRef.name}`);
      return role && (role.rules ?? []);
    },
    stop() {
      for (const mirror of mirrors) mirror.stop();
    },
  };
}

/** Bindings by namespace ("" for the cluster's) and subject. */
class BindingTable {
  readonly #bindings = new Map<string, RoleBinding | ClusterRoleBinding>();
  readonly #bySubject = new Map<string, Map<string, BoundSubject>>();

  put(key: string, binding: RoleBinding | ClusterRoleBinding): void {
    this.remove(key);
    this.#bindings.set(key, binding);
    for (const [subjectKey, subject] of subjectsOf(binding)) {
      let bound = this.#bySubject.get(subjectKey);
      if (!bound) {
        bound = new Map();
        this.#bySubject.set(subjectKey, bound);
      }
      bound.set(key, { binding, subject });
    }
  }

  remove(key: string): void {
    const binding = this.#bindings.get(key);
    if (!binding) return;
    this.#bindings.delete(key);
    for (const [subjectKey] of subjectsOf(binding)) {
      const bound = this.#bySubject.get(subjectKey);
      bound?.delete(key);
      if (bound?.size === 0) this.#bySubject.delete(subjectKey);
    }
  }

  *find(namespace: string, user: UserInfo): Iterable<BoundSubject> {
    const ofUser = this.#bySubject.get(`${namespace} user ${user.name}`);
    if (ofUser) yield* ofUser.values();
    for (const group of user.groups) {
      const ofGroup = this.#bySubject.get(`${namespace} group ${group}`);
      if (ofGroup) yield* ofGroup.values();
    }
  }
}

/** The keys a binding is found by. A service account without a namespace is one of the binding's own. */
function subjectsOf(binding: RoleBinding | ClusterRoleBinding): [key: string, subject: Subject][] {
  const namespace = binding.metadata.namespace ?? "";
  const found: [string, Subject][] = [];
  for (const subject of binding.subjects ?? []) {
    if (subject.kind === "User") found.push([`${namespace} user ${subject.name}`, subject]);
    if (subject.kind === "Group") found.push([`${namespace} group ${subject.name}`, subject]);
    const home = subject.namespace || namespace;
    if (subject.kind === "ServiceAccount" && home !== "") {
      found.push([`${namespace} user ${serviceAccountUserName(home, subject.name)}`, subject]);
    }
  }
  return found;
}
