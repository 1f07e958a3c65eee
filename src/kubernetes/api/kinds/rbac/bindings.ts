// RoleBinding and ClusterRoleBinding: give a role to users, groups and service accounts, in one namespace or everywhere.

import { child, type FieldError, invalid, item, notSupported, required } from "../../field-error.ts";
import type { ClusterRoleBinding, RoleBinding, RoleRef, Subject } from "../../generated/types.ts";
import { checkDNSSubdomainName, checkPathSegmentName } from "../../names.ts";
import { defineKind } from "../define-kind.ts";
import { reportInvalid } from "../report.ts";
import { formatAge } from "../table/human-duration.ts";
import { internalForm } from "../values/internal-form.ts";
import { deepEqual } from "../values/semantic-equal.ts";
import { checkRoleName } from "./role.ts";

type AnyBinding = RoleBinding | ClusterRoleBinding;

const group = "rbac.authorization.k8s.io";

export const roleBinding = defineKind<RoleBinding>({
  ...bindingRules({ namespaced: true }),
  group,
  version: "v1",
  kind: "RoleBinding",
  metadataChecks: ["object", "update"],
});

export const clusterRoleBinding = defineKind<ClusterRoleBinding>({
  ...bindingRules({ namespaced: false }),
  group,
  version: "v1",
  kind: "ClusterRoleBinding",
  metadataChecks: ["object", "update"],
});

interface Scope {
  readonly namespaced: boolean;
}

function bindingRules(scope: Scope) {
  return {
    hasGeneration: false,
    allowCreateOnUpdate: true,
    validateName: checkRoleName,
    setDefaults,
    validate: (object: AnyBinding): FieldError[] => validate(object, scope),
    validateUpdate: (object: AnyBinding, old: AnyBinding): FieldError[] => {
      const errors = validate(object, scope);
      if (!deepEqual(object.roleRef, old.roleRef)) {
        errors.push(invalid("roleRef", internalForm("RoleRef", object.roleRef), "cannot change roleRef"));
      }
      return errors;
    },
    tableCells: (object: AnyBinding, now: number) => ({ cells: cellsOf(object, now) }),
  };
}

function setDefaults({ roleRef, subjects }: AnyBinding): void {
  roleRef.apiGroup ||= group;
  for (const subject of subjects ?? []) {
    if (!subject.apiGroup && (subject.kind === "User" || subject.kind === "Group")) subject.apiGroup = group;
  }
}

function validate({ roleRef, subjects }: AnyBinding, scope: Scope): FieldError[] {
  const errors: FieldError[] = [];
  validateRoleRef(roleRef, "roleRef", errors, scope);
  for (const [index, subject] of (subjects ?? []).entries()) {
    validateSubject(subject, item("subjects", index), errors, scope);
  }
  return errors;
}

function validateRoleRef({ apiGroup, kind, name }: RoleRef, path: string, errors: FieldError[], scope: Scope): void {
  if (apiGroup !== group) errors.push(notSupported(child(path, "apiGroup"), apiGroup, [group]));
  const kinds = scope.namespaced ? ["Role", "ClusterRole"] : ["ClusterRole"];
  if (!kinds.includes(kind)) errors.push(notSupported(child(path, "kind"), kind, kinds));
  if (name === "") errors.push(required(child(path, "name")));
  else reportInvalid(errors, child(path, "name"), name, checkPathSegmentName(name));
}

const subjectKinds = ["ServiceAccount", "User", "Group"];

function validateSubject(subject: Subject, path: string, errors: FieldError[], { namespaced }: Scope): void {
  const { kind, name, namespace = "", apiGroup = "" } = subject;
  const groupPath = child(path, "apiGroup");
  if (name === "") errors.push(required(child(path, "name")));
  if (kind === "ServiceAccount") {
    if (name !== "") reportInvalid(errors, child(path, "name"), name, checkDNSSubdomainName(name, false));
    if (apiGroup !== "") errors.push(notSupported(groupPath, apiGroup, [""]));
    if (!namespaced && namespace === "") errors.push(required(child(path, "namespace")));
  } else if (!subjectKinds.includes(kind)) errors.push(notSupported(child(path, "kind"), kind, subjectKinds));
  else if (apiGroup !== group) errors.push(notSupported(groupPath, apiGroup, [group]));
}

function cellsOf({ metadata, roleRef, subjects }: AnyBinding, now: number): unknown[] {
  const ofKind = (kind: string): Subject[] => (subjects ?? []).filter((subject) => subject.kind === kind);
  const names = (kind: string): string =>
    ofKind(kind)
      .map(({ name }) => name)
      .join(", ");
  const accounts = ofKind("ServiceAccount").map(({ namespace = "", name }) => `${namespace}/${name}`);
  return [
    metadata.name,
    `${roleRef.kind}/${roleRef.name}`,
    formatAge(metadata.creationTimestamp, now),
    names("User"),
    names("Group"),
    accounts.join(", "),
  ];
}
