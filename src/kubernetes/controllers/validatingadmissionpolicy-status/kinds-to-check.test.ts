import assert from "node:assert/strict";
import { test } from "node:test";
import type { Resource } from "#kubernetes/api";
import { describeKind, kindsToCheck } from "./kinds-to-check.ts";

const served: readonly Resource[] = [
  ["", "v1", "pods", "Pod"],
  ["", "v1", "events", "Event"],
  ["events.k8s.io", "v1", "events", "Event"],
  ["apps", "v1", "deployments", "Deployment"],
  ...Array.from({ length: 12 }, (_, index) => ["many", "v1", `r${index}`, `R${index}`]),
].map(([group, version, resource, kind]) => ({
  group: group!,
  version: version!,
  resource: resource!,
  kind: kind!,
  namespaced: true,
}));

function check(...rules: [apiGroups: string[], apiVersions: string[], resources: string[]][]): string[] {
  const resourceRules = rules.map(([apiGroups, apiVersions, resources]) => ({ apiGroups, apiVersions, resources }));
  const policy = { metadata: { name: "p" }, spec: { matchConstraints: { resourceRules } } };
  return kindsToCheck(policy, served).map(describeKind);
}

test("kindsToCheck: what rules name, once, in order", () => {
  const rule: [string[], string[], string[]] = [
    ["apps", ""],
    ["v1", "v2"],
    ["pods", "deployments", "pods/status"],
  ];
  assert.deepEqual(check(rule, rule), ["/v1, Kind=Pod", "apps/v1, Kind=Deployment"]);
});

test("kindsToCheck: wildcards of groups and versions name nothing, those of resources are left out", () => {
  assert.deepEqual(check([["*"], ["v1"], ["pods"]], [[""], ["*"], ["pods"]], [[""], ["v1"], ["*", "pods"]]), [
    "/v1, Kind=Pod",
  ]);
});

test("kindsToCheck: no group means any", () => {
  assert.deepEqual(check([[""], ["v1"], ["events"]]), ["/v1, Kind=Event", "events.k8s.io/v1, Kind=Event"]);
});

test("kindsToCheck: at most ten of a rule, and then no other rule", () => {
  const many = served.filter(({ group }) => group === "many").map(({ resource }) => resource);
  const found = check([["many"], ["v1"], many], [["apps"], ["v1"], ["deployments"]]);
  assert.equal(found.length, 10);
  assert.equal(found.includes("apps/v1, Kind=Deployment"), false);
});
