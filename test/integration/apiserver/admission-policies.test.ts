import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import {
  type ApiRequest,
  type ConfigMap,
  type MutatingAdmissionPolicySpec,
  resources,
  StatusError,
  type ValidatingAdmissionPolicyBindingSpec,
  type ValidatingAdmissionPolicySpec,
} from "#kubernetes/api";
import { startTestCluster, type TestCluster } from "../../support/cluster/test-cluster.ts";

const namespace = "default";
const onConfigMaps = {
  resourceRules: [
    { operations: ["CREATE", "UPDATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps"] },
  ],
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
};

async function startScene(t: TestContext): Promise<TestCluster> {
  const cluster = await startTestCluster();
  t.after(() => cluster[Symbol.asyncDispose]());
  return cluster;
}

async function validate(
  { client }: TestCluster,
  spec: ValidatingAdmissionPolicySpec,
  binding: Partial<ValidatingAdmissionPolicyBindingSpec> = {},
): Promise<void> {
  const policy = { matchConstraints: onConfigMaps, ...spec };
  await client.create(resources.validatingAdmissionPolicies, { metadata: { name: "p" }, spec: policy });
  const bound = { policyName: "p", validationActions: ["Deny"], ...binding };
  await client.create(resources.validatingAdmissionPolicyBindings, { metadata: { name: "b" }, spec: bound });
}

async function mutate({ client }: TestCluster, spec: Partial<MutatingAdmissionPolicySpec>, name = "m"): Promise<void> {
  const policy = { matchConstraints: onConfigMaps, reinvocationPolicy: "Never", ...spec };
  await client.create(resources.mutatingAdmissionPolicies, { metadata: { name }, spec: policy });
  await client.create(resources.mutatingAdmissionPolicyBindings, { metadata: { name }, spec: { policyName: name } });
}

function create({ client }: TestCluster, name: string, data: Record<string, string> = {}): Promise<ConfigMap> {
  return client.create(resources.configMaps, { metadata: { name, namespace }, data });
}

function denied(message: string, code = 422) {
  return (error: unknown) => {
    assert.ok(error instanceof StatusError, String(error));
    assert.equal(error.message, message);
    assert.equal(error.code, code);
    return true;
  };
}

const by = "ValidatingAdmissionPolicy 'p' with binding 'b' denied request";

test("ValidatingAdmissionPolicy: an expression that does not hold refuses, in words of its own", async (t) => {
  const cluster = await startScene(t);
  await validate(cluster, {
    validations: [
      { expression: "size(object.data) < 3" },
      { expression: "!('x' in object.data) || object.data.x != 'bad'", message: "no bad x", reason: "Forbidden" },
      { expression: "!('y' in object.data)", messageExpression: "'no y, but there is ' + object.data.y" },
    ],
  });
  await create(cluster, "a", { x: "good" });
  await assert.rejects(
    create(cluster, "b", { a: "", b: "", c: "" }),
    denied(`configmaps "b" is forbidden: ${by}: failed expression: size(object.data) < 3`),
  );
  await assert.rejects(create(cluster, "b", { x: "bad" }), denied(`configmaps "b" is forbidden: ${by}: no bad x`, 403));
  await assert.rejects(
    create(cluster, "b", { y: "one" }),
    denied(`configmaps "b" is forbidden: ${by}: no y, but there is one`),
  );
});

test("ValidatingAdmissionPolicy: variables, old objects, the request and its namespace", async (t) => {
  const cluster = await startScene(t);
  await validate(cluster, {
    variables: [
      { name: "size", expression: "size(object.data)" },
      { name: "grows", expression: "oldObject == null || variables.size >= size(oldObject.data)" },
    ],
    validations: [
      { expression: "variables.grows", message: "may not shrink" },
      { expression: "request.userInfo.username == 'admin' && namespaceObject.metadata.name == request.namespace" },
    ],
  });
  const made = await create(cluster, "a", { x: "1", y: "2" });
  await cluster.client.update(resources.configMaps, { ...made, data: { x: "1", y: "2", z: "3" } });
  const shrink = { type: "json" as const, body: [{ op: "replace" as const, path: "/data", value: { z: "1" } }] };
  await assert.rejects(
    cluster.client.patch(resources.configMaps, { namespace, name: "a" }, shrink),
    denied(`configmaps "a" is forbidden: ${by}: may not shrink`),
  );
});

test("ValidatingAdmissionPolicy: parameters by name; missing ones refuse or are passed over", async (t) => {
  const cluster = await startScene(t);
  await validate(
    cluster,
    {
      paramKind: { apiVersion: "v1", kind: "ConfigMap" },
      validations: [{ expression: "size(object.data) <= int(params.data.most)" }],
    },
    { paramRef: { name: "limits", namespace: "kube-system", parameterNotFoundAction: "Deny" } },
  );
  const message = "failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction";
  await assert.rejects(create(cluster, "a"), denied(`configmaps "a" is forbidden: ${by}: ${message}`));
  const limits = { metadata: { name: "limits", namespace: "kube-system" }, data: { most: "1" } };
  await cluster.client.create(resources.configMaps, limits);
  await create(cluster, "a", { x: "" });
  await assert.rejects(
    create(cluster, "b", { x: "", y: "" }),
    denied(`configmaps "b" is forbidden: ${by}: failed expression: size(object.data) <= int(params.data.most)`),
  );
});

test("ValidatingAdmissionPolicy: what cannot be evaluated refuses, unless failures are ignored", async (t) => {
  const cluster = await startScene(t);
  await validate(cluster, { validations: [{ expression: "object.spec.replicas == 1" }] });
  await assert.rejects(
    create(cluster, "a"),
    denied(
      `configmaps "a" is forbidden: ${by}: expression 'object.spec.replicas == 1' resulted in error: no such key: spec`,
    ),
  );
  const ignore = { type: "merge" as const, body: { spec: { failurePolicy: "Ignore" } } };
  await cluster.client.patch(resources.validatingAdmissionPolicies, { name: "p" }, ignore);
  await create(cluster, "a");
});

test("ValidatingAdmissionPolicy: match conditions, and actions other than Deny", async (t) => {
  const cluster = await startScene(t);
  await validate(
    cluster,
    {
      matchConditions: [{ name: "named", expression: "object.metadata.name.startsWith('w')" }],
      validations: [{ expression: "false", message: "never" }],
    },
    { validationActions: ["Warn", "Audit"] },
  );
  const post = async (name: string) => {
    const body = { kind: "object" as const, object: { metadata: { name }, apiVersion: "v1", kind: "ConfigMap" } };
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    const request: ApiRequest = { method: "POST", path, query: new URLSearchParams(), headers: {}, body };
    const user = { name: "admin", groups: ["system:masters"] };
    const response = await cluster.server.handler({ ...request, user });
    return response.kind === "object" ? (response.warnings ?? []) : [];
  };
  assert.deepEqual(await post("a"), []);
  assert.deepEqual(await post("w"), ["Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': never"]);
});

test("MutatingAdmissionPolicy: applies a part of an object", async (t) => {
  const cluster = await startScene(t);
  await mutate(cluster, {
    mutations: [
      {
        patchType: "ApplyConfiguration",
        applyConfiguration: {
          expression: 'Object{metadata: Object.metadata{labels: {"team": "x"}}, data: {"seen": object.metadata.name}}',
        },
      },
    ],
  });
  const created = await create(cluster, "a", { y: "1" });
  assert.deepEqual(created.data, { y: "1", seen: "a" });
  assert.deepEqual(created.metadata.labels, { team: "x" });
});

test("MutatingAdmissionPolicy: JSON patches, one after the other; a test that fails leaves the object alone", async (t) => {
  const cluster = await startScene(t);
  const patches = [
    '[JSONPatch{op: "add", path: "/metadata/labels", value: {}}, JSONPatch{op: "add", path: "/metadata/labels/" + jsonpatch.escapeKey("example.com/a"), value: "1"}]',
    '[JSONPatch{op: "test", path: "/data/x", value: "y"}, JSONPatch{op: "add", path: "/data/tested", value: "yes"}]',
  ];
  const mutations = patches.map((expression) => ({ patchType: "JSONPatch", jsonPatch: { expression } }));
  await mutate(cluster, { matchConditions: [{ name: "new", expression: "oldObject == null" }], mutations });
  const created = await create(cluster, "a", { x: "z" });
  assert.deepEqual(created.metadata.labels, { "example.com/a": "1" });
  assert.deepEqual(created.data, { x: "z" });
  const updated = await cluster.client.update(resources.configMaps, { ...created, metadata: { name: "a", namespace } });
  assert.equal(updated.metadata.labels, undefined, "the condition spares updates");
});

test("MutatingAdmissionPolicy: one that is wrong refuses, in the words of the policy", async (t) => {
  const cluster = await startScene(t);
  await mutate(cluster, {
    mutations: [{ patchType: "JSONPatch", jsonPatch: { expression: '[JSONPatch{op: "remove", path: "/data/gone"}]' } }],
  });
  await assert.rejects(create(cluster, "a", { x: "1" }), (error) => {
    assert.ok(error instanceof StatusError);
    assert.equal(error.code, 403);
    assert.match(error.message, /^policy 'm' with binding 'm' denied request: JSON Patch: /);
    return true;
  });
});

test("policies: expressions that are wrong are refused when they are written, among all else that is wrong", async (t) => {
  const cluster = await startScene(t);
  const spec = {
    failurePolicy: "Never",
    variables: [{ name: "x", expression: "object.x +" }],
    matchConditions: [{ name: "c", expression: " 'text'" }],
    validations: [
      { expression: "unknown > 1", reason: "None" },
      { expression: "true", messageExpression: "1" },
    ],
  };
  await assert.rejects(validate(cluster, spec), (error) => {
    assert.ok(error instanceof StatusError);
    const causes = error.details?.causes?.map(({ field, message }) => `${field}: ${message}`) ?? [];
    const expected = [
      /^spec\.failurePolicy: Unsupported value: "Never"/,
      /^spec\.matchConditions\[0\]\.expression: Invalid value: "'text'": must evaluate to bool but got string$/,
      /^spec\.variables\[0\]\.expression: Invalid value: "object\.x \+": compilation failed: ERROR: <input>:1:11: Syntax error/,
      /^spec\.validations\[0\]\.expression: .*undeclared reference to 'unknown' \(in container ''\)/,
      /^spec\.validations\[0\]\.reason: Unsupported value: "None"/,
      /^spec\.validations\[1\]\.messageExpression: Invalid value: "1": must evaluate to string but got int$/,
    ];
    assert.equal(causes.length, expected.length);
    for (const [index, pattern] of expected.entries()) assert.match(causes[index]!, pattern);
    return true;
  });
});

test("policies: fields of the request and its namespace that are misspelled are refused when they are written", async (t) => {
  const cluster = await startScene(t);
  const refusedAs = async (expression: string, message: RegExp) => {
    const spec = { matchConstraints: onConfigMaps, validations: [{ expression }] };
    const policy = { metadata: { name: "p" }, spec };
    await assert.rejects(
      cluster.client.create(resources.validatingAdmissionPolicies, policy, { dryRun: true }),
      (error) => {
        assert.ok(error instanceof StatusError);
        assert.match(error.message, message);
        return true;
      },
    );
  };
  await refusedAs("request.operatoin == 'CREATE'", /undefined field 'operatoin'/);
  await refusedAs(
    "request.userInfo.groups.exists(g, g == 1)",
    /found no matching overload for '_==_' applied to '\(string, int\)'/,
  );
  await refusedAs("namespaceObject.metadata.label.x == ''", /undefined field 'label'/);
  await refusedAs("object.data", /must evaluate to bool but got dyn/);
});

test("policies: match conditions know no composed variables", async (t) => {
  const cluster = await startScene(t);
  const spec = {
    variables: [{ name: "x", expression: "true" }],
    matchConditions: [{ name: "c", expression: "variables.x" }],
    validations: [{ expression: "variables.x" }],
  };
  await assert.rejects(validate(cluster, spec), /undeclared reference to 'variables'/);
});

test("ValidatingAdmissionPolicy: costly variables use up the budget of the whole", async (t) => {
  const cluster = await startScene(t);
  const all = "[0,1,2,3,4,5,6,7,8,9]";
  const nested = `${all}.all(a, ${all}.all(b, ${all}.all(c, ${all}.all(d, ${all}.all(e, ${all}.all(f, ${all}.all(g, a < 10)))))))`;
  await validate(cluster, {
    variables: [{ name: "slow", expression: nested }],
    validations: [{ expression: "variables.slow" }],
  });
  await assert.rejects(create(cluster, "a"), /running out of cost budget|cost limit exceeded/);
});

test("policies: a Deployment is changed by one and judged by another", async (t) => {
  const cluster = await startScene(t);
  const onDeployments = {
    resourceRules: [
      { operations: ["CREATE", "UPDATE"], apiGroups: ["apps"], apiVersions: ["v1"], resources: ["deployments"] },
    ],
  };
  const expression = `
    Object{
      metadata: Object.metadata{annotations: {"mutated-by": "admission-policy"}},
      spec: Object.spec{replicas: 3}
    }`;
  const mutations = [{ patchType: "ApplyConfiguration", applyConfiguration: { expression } }];
  await mutate(cluster, { matchConstraints: onDeployments, mutations });
  await validate(cluster, {
    matchConstraints: onDeployments,
    variables: [
      { name: "replicas", expression: "object.spec.replicas" },
      { name: "odd", expression: "variables.replicas % 2 == 1" },
    ],
    validations: [
      {
        expression: "variables.replicas > 1",
        messageExpression: "'wants replicas > 1, got ' + string(variables.replicas)",
      },
      { expression: "variables.odd" },
      { expression: "namespaceObject.metadata.name == 'default'" },
    ],
  });
  const labels = { app: "x" };
  const template = { metadata: { labels }, spec: { containers: [{ name: "c", image: "i" }] } };
  const deployment = {
    metadata: { name: "d", namespace },
    spec: { replicas: 2, selector: { matchLabels: labels }, template },
  };
  const made = await cluster.client.create(resources.deployments, deployment);
  assert.equal(made.spec?.replicas, 3);
  assert.deepEqual(made.metadata.annotations, { "mutated-by": "admission-policy" });
});
