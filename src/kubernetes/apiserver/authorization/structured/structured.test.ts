import assert from "node:assert/strict";
import { test } from "node:test";
import type { AuthorizationAttributes } from "../authorizer.ts";
import { readAuthorizationConfiguration } from "./authorization-configuration.ts";
import { compileReviewCondition, meetsConditions, type ReviewCondition } from "./review-conditions.ts";
import { reviewSpecOf } from "./subject-access-review.ts";

const listPods: AuthorizationAttributes = {
  user: { name: "ann", groups: ["devs"] },
  verb: "list",
  isResourceRequest: true,
  path: "/api/v1/namespaces/a/pods",
  apiGroup: "",
  apiVersion: "v1",
  namespace: "a",
  resource: "pods",
  subresource: "",
  name: "",
  fieldSelector: "spec.nodeName=n,status.phase!=Failed",
  labelSelector: "app in (web,db),!old",
};

test("reviewSpecOf: what is asked for, with what it is narrowed to", () => {
  assert.deepEqual(reviewSpecOf(listPods), {
    user: "ann",
    groups: ["devs"],
    resourceAttributes: {
      namespace: "a",
      verb: "list",
      version: "v1",
      resource: "pods",
      fieldSelector: {
        requirements: [
          { key: "spec.nodeName", operator: "In", values: ["n"] },
          { key: "status.phase", operator: "NotIn", values: ["Failed"] },
        ],
      },
      labelSelector: {
        requirements: [
          { key: "app", operator: "In", values: ["db", "web"] },
          { key: "old", operator: "DoesNotExist" },
        ],
      },
    },
  });
  const version = reviewSpecOf({ ...listPods, isResourceRequest: false, verb: "get", path: "/version" });
  assert.deepEqual(version.nonResourceAttributes, { path: "/version", verb: "get" });
});

function conditions(...expressions: string[]): ReviewCondition[] {
  return expressions.map((expression) => {
    const compiled = compileReviewCondition(expression);
    assert.ok(!("problem" in compiled), expression);
    return compiled;
  });
}

test("meetsConditions: all must hold; one that does not decides, whatever others cannot say", () => {
  const spec = reviewSpecOf(listPods);
  const holds = "has(request.resourceAttributes) && request.resourceAttributes.namespace == 'a'";
  const fails = "request.resourceAttributes.name != ''";
  const broken = "request.nonResourceAttributes.path == '/'";
  assert.equal(meetsConditions(conditions(holds, "'devs' in request.groups"), spec), true);
  assert.equal(meetsConditions(conditions(broken, fails), spec), false);
  assert.throws(() => meetsConditions(conditions(broken, holds), spec), /resulted in error: no such key/);
  const selector = "request.resourceAttributes.fieldSelector.requirements.exists(r, r.key == 'spec.nodeName')";
  assert.equal(meetsConditions(conditions(selector), spec), true);
});

test("compileReviewCondition: what is no condition is refused", () => {
  assert.deepEqual(compileReviewCondition("request.user"), { problem: "must evaluate to bool but got string" });
  const unknown = compileReviewCondition("request.name == ''");
  assert.match("problem" in unknown ? unknown.problem : "", /^compilation failed: .*undefined field 'name'/);
});

test("readAuthorizationConfiguration: all that is wrong is said at once", () => {
  const file = (authorizers: object[]) =>
    JSON.stringify({ apiVersion: "apiserver.config.k8s.io/v1", kind: "AuthorizationConfiguration", authorizers });
  const webhook = {
    timeout: "1m",
    subjectAccessReviewVersion: "v1",
    failurePolicy: "Deny",
    connectionInfo: { type: "InClusterConfig" },
    matchConditions: [{ expression: "request.nothing" }],
  };
  const wrong = [
    { type: "Webhook", name: "hook", webhook },
    { type: "RBAC", name: "rbac" },
  ];
  assert.throws(
    () => readAuthorizationConfiguration(file(wrong)),
    (error: Error) => {
      for (const part of [
        /timeout: must be > 0s and <= 30s/,
        /connectionInfo\.type: must be/,
        /undefined field 'nothing'/,
      ]) {
        assert.match(error.message, part);
      }
      return true;
    },
  );
  const twice = [
    { type: "RBAC", name: "a" },
    { type: "RBAC", name: "a" },
  ];
  assert.throws(
    () => readAuthorizationConfiguration(file(twice)),
    /1\.name: Duplicate value: "a".*1\.type: Duplicate value: "RBAC"/,
  );
  assert.throws(() => readAuthorizationConfiguration(file([])), /at least one authorization mode must be defined/);
  const { authorizers } = readAuthorizationConfiguration(file([{ type: "Node", name: "n" }]));
  assert.deepEqual(authorizers, [{ type: "Node", name: "n" }]);
});

test("readAuthorizationConfiguration: durations are Go's, and what is none is refused in Go's words", () => {
  for (const [timeout, problem] of [
    ["1.2.3s", /timeout: time: missing unit in duration "1\.2\.3s"/],
    ["3 s", /timeout: time: unknown unit " s" in duration "3 s"/],
    ["-1s", /timeout: must be > 0s and <= 30s/],
    ["1500us", undefined],
  ] as const) {
    const webhook = { timeout, subjectAccessReviewVersion: "v1", failurePolicy: "Deny" };
    const authorizers = [{ type: "Webhook", name: "hook", webhook }];
    const file = { apiVersion: "apiserver.config.k8s.io/v1", kind: "AuthorizationConfiguration", authorizers };
    assert.throws(
      () => readAuthorizationConfiguration(JSON.stringify(file)),
      ({ message }: Error) => (problem ? problem.test(message) : !message.includes("timeout")),
      timeout,
    );
  }
});
