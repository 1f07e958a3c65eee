import assert from "node:assert/strict";
import { test } from "node:test";
import type { ClusterRole, PolicyRule } from "#kubernetes/api";
import { planRules } from "./plan.ts";

const rule = (verb: string): PolicyRule => ({ verbs: [verb], apiGroups: [""], resources: ["pods"] });

function role(name: string, labels: Record<string, string>, ...rules: PolicyRule[]): ClusterRole {
  return { metadata: { name, labels }, rules };
}

function gathering(rules: PolicyRule[], ...labels: Record<string, string>[]): ClusterRole {
  const clusterRoleSelectors = labels.map((matchLabels) => ({ matchLabels }));
  return { ...role("all", { to: "all" }, ...rules), aggregationRule: { clusterRoleSelectors } };
}

test("planRules: selector by selector, by name, each rule once, none of its own", () => {
  const others = [role("b", { to: "all" }, rule("get"), rule("list")), role("a", { to: "all" }, rule("watch"))];
  const more = role("0", { to: "more" }, rule("delete"), rule("get"));
  const all = gathering([rule("patch")], { to: "all" }, { to: "more" });
  const verbs = planRules(all, [all, ...others, more])?.flatMap((found) => found.verbs);
  assert.deepEqual(verbs, ["watch", "get", "list", "delete"]);
});

test("planRules: nothing to do for what is right, for what gathers nothing, and for what is gone", () => {
  const found = role("a", { to: "all" }, rule("get"));
  assert.equal(planRules(gathering([rule("get")], { to: "all" }), [found]), undefined);
  assert.equal(planRules(gathering([], { to: "none" }), [found]), undefined);
  assert.equal(planRules(found, [found]), undefined);
  assert.equal(planRules(undefined, []), undefined);
});
