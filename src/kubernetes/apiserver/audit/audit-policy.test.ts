import assert from "node:assert/strict";
import { test } from "node:test";
import { UserError } from "#shared";
import type { AuthorizationAttributes } from "../authorization/authorizer.ts";
import { compileAuditPolicy, readAuditPolicy } from "./audit-policy.ts";

const head = "apiVersion: audit.k8s.io/v1\nkind: Policy\n";

function attributes(fields: Partial<AuthorizationAttributes>): AuthorizationAttributes {
  return {
    user: { name: "ann", groups: ["devs", "system:authenticated"] },
    verb: "get",
    isResourceRequest: true,
    path: "/api/v1/namespaces/default/pods/web",
    apiGroup: "",
    apiVersion: "v1",
    namespace: "default",
    resource: "pods",
    subresource: "",
    name: "web",
    ...fields,
  };
}

const path = (text: string) => ({ isResourceRequest: false, path: text, resource: "", namespace: "", name: "" });

/** [a rule without its level, what a request asks for, whether the rule applies] */
const cases: [rule: string, asked: Partial<AuthorizationAttributes>, applies: boolean][] = [
  ["", {}, true],
  ["users: [ann]", {}, true],
  ["users: [bob]", {}, false],
  ["userGroups: [ops, devs]", {}, true],
  ["userGroups: [ops]", {}, false],
  ["verbs: [get, list]", {}, true],
  ["verbs: [create]", {}, false],
  ["namespaces: [default]", {}, true],
  ["namespaces: ['']", {}, false],
  ["namespaces: ['']", { namespace: "", resource: "nodes" }, true],
  ["namespaces: [default]", path("/healthz"), false],
  ["resources: [{group: ''}]", {}, true],
  ["resources: [{group: apps}]", {}, false],
  ["resources: [{resources: [pods]}]", {}, true],
  ["resources: [{resources: [pods]}]", { subresource: "log" }, false],
  ["resources: [{resources: [pods/log]}]", { subresource: "log" }, true],
  ["resources: [{resources: [pods/*]}]", { subresource: "log" }, true],
  ["resources: [{resources: [pods/*]}]", {}, false],
  ["resources: [{resources: ['*/scale']}]", { subresource: "scale" }, true],
  ["resources: [{resources: ['*']}]", { subresource: "scale" }, true],
  ["resources: [{resources: [pods], resourceNames: [web]}]", {}, true],
  ["resources: [{resources: [pods], resourceNames: [db]}]", {}, false],
  ["nonResourceURLs: ['/healthz*']", path("/healthz/ping"), true],
  ["nonResourceURLs: [/healthz]", path("/healthz/ping"), false],
  ["nonResourceURLs: ['*']", path("/version"), true],
  ["nonResourceURLs: ['*']", {}, false],
];

for (const [rule, asked, applies] of cases) {
  test(`compileAuditPolicy: {${rule}} ${applies ? "applies to" : "passes over"} ${JSON.stringify(asked)}`, () => {
    const text = `${head}rules:\n- {level: Request${rule && `, ${rule}`}}\n- {level: Metadata}\n`;
    const { level } = compileAuditPolicy(readAuditPolicy(text))(attributes(asked));
    assert.equal(level, applies ? "Request" : "Metadata");
  });
}

test("compileAuditPolicy: no rule that applies: nothing is written down", () => {
  const policy = readAuditPolicy(`${head}rules: [{level: Metadata, users: [bob]}]`);
  assert.equal(compileAuditPolicy(policy)(attributes({})).level, "None");
});

test("compileAuditPolicy: stages left out by the policy and by the rule add up; managed fields by the nearer word", () => {
  const text = `${head}omitStages: [RequestReceived]\nomitManagedFields: true\nrules: [{level: Metadata, omitStages: [Panic], omitManagedFields: false}]`;
  const settings = compileAuditPolicy(readAuditPolicy(text))(attributes({}));
  assert.deepEqual([...settings.omitStages], ["RequestReceived", "Panic"]);
  assert.equal(settings.omitManagedFields, false);
});

/** [file, what the complaint says] */
const refused: [string, RegExp][] = [
  ["{", /Cannot read the audit policy/],
  ["kind: Pod", /apiVersion.*kind/s],
  [`${head}rules: []`, /rules: at least one rule is needed/],
  [`${head}rules: [{level: All}]`, /rules\.0\.level/],
  [`${head}rules: [{level: None, verb: [get]}]`, /"verb"/],
  [`${head}rules: [{level: None, nonResourceURLs: [healthz]}]`, /must be '\*' or begin with '\/'/],
  [`${head}rules: [{level: None, nonResourceURLs: ['*'], namespaces: [a]}]`, /cannot apply to both/],
  [`${head}rules: [{level: None, omitStages: [Later]}]`, /omitStages/],
];

for (const [text, expected] of refused) {
  test(`readAuditPolicy: refuses ${JSON.stringify(text.replace(head, ""))}`, () => {
    assert.throws(
      () => readAuditPolicy(text),
      (error) => error instanceof UserError && expected.test(error.message),
    );
  });
}
