// Queries and patches that make no sense, and what a delete of a Job is told: upstream's codes and words.

import assert from "node:assert/strict";
import { test } from "node:test";
import { resources } from "#kubernetes/api";
import { openPort } from "../../support/cluster/open-port.ts";
import { schedulerToken, startTestCluster } from "../../support/cluster/test-cluster.ts";

const maps = "/api/v1/namespaces/default/configmaps";
const notANumber = 'strconv.ParseInt: parsing "x": invalid syntax';
const notAVersion = 'strconv.ParseUint: parsing "x": invalid syntax';

test("options that are no numbers are refused in the words of whoever reads them", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const cases: readonly (readonly [method: string, path: string, code: number, message: string])[] = [
    ["GET", `${maps}?limit=`, 400, 'strconv.ParseInt: parsing "": invalid syntax'],
    [
      "GET",
      `${maps}?limit=99999999999999999999`,
      400,
      'strconv.ParseInt: parsing "99999999999999999999": value out of range',
    ],
    ["DELETE", `${maps}/a?gracePeriodSeconds=x`, 400, notANumber],
    ["GET", `${maps}?watch=1&resourceVersion=x`, 500, `resourceVersion: Invalid value: "x": ${notAVersion}`],
    [
      "GET",
      `${maps}?resourceVersion=x`,
      400,
      `invalid resource version: resourceVersion: Invalid value: "x": ${notAVersion}`,
    ],
    [
      "GET",
      `${maps}?watch=1&continue=x`,
      422,
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided',
    ],
  ];
  for (const [method, path, code, message] of cases) {
    const answer = await ask(path, { method });
    assert.equal(answer.status, code, path);
    assert.equal(((await answer.json()) as { message: string }).message, message, path);
  }
});

test("a delete's query may hold preconditions", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  await cluster.client.create(resources.configMaps, { metadata: { namespace: "default", name: "a" } });
  for (const query of ["uid=x", "resourceVersion=1"]) {
    assert.equal((await ask(`${maps}/a?${query}`, { method: "DELETE" })).status, 409, query);
  }
  assert.equal((await ask(`${maps}/a`, { method: "DELETE" })).status, 200);
});

test("a patch may not make another kind of an object, nor values of other types", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  await cluster.client.create(resources.configMaps, { metadata: { namespace: "default", name: "a" } });
  const patch = async (type: string, body: object) => {
    const headers = { "content-type": `application/${type}-patch+json` };
    const answer = await ask(`${maps}/a`, { method: "PATCH", headers, body: JSON.stringify(body) });
    return { code: answer.status, ...((await answer.json()) as { message: string; metadata: { selfLink?: string } }) };
  };
  const other = await patch("merge", { kind: "Secret" });
  assert.equal(other.code, 422);
  assert.match(other.message, /: converting \(v1\.Secret\) to \(core\.ConfigMap\): unknown conversion$/);
  const unknown = await patch("json", [{ op: "replace", path: "/apiVersion", value: "v2" }]);
  assert.match(
    unknown.message,
    /: no kind "ConfigMap" is registered for version "v2" in scheme "pkg\/api\/legacyscheme\/scheme\.go:30"$/,
  );
  const number = await patch("strategic-merge", { data: { b: 1 } });
  assert.match(number.message, /: Invalid value: "map\[data:map\[b:1\]\]": cannot convert int64 to string$/);
  const version = await patch("merge", { metadata: { resourceVersion: "x" } });
  assert.equal(`${version.code} ${version.message}`, `500 ${notAVersion}`);
  const linked = await patch("merge", { metadata: { selfLink: "/x" }, data: { a: "b" } });
  assert.equal(linked.code, 200);
  assert.equal(linked.metadata.selfLink, undefined);
});

test("whoever deletes a Job without a word on its pods is told that they stay", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const template = { spec: { restartPolicy: "Never", containers: [{ name: "c", image: "i" }] } };
  const jobs = "/apis/batch/v1/namespaces/default/jobs";
  const warningOf = async (query: string) => {
    await cluster.client.create(resources.jobs, { metadata: { namespace: "default", name: "j" }, spec: { template } });
    const answer = await ask(`${jobs}/j${query}`, { method: "DELETE" });
    assert.equal(answer.status, 200);
    return answer.headers.get("warning");
  };
  assert.match((await warningOf("?propagationPolicy=Background")) ?? "none", /^none$/);
  assert.match((await warningOf("")) ?? "none", /child pods are preserved by default when jobs are deleted/);
});

test("whoever may not ask is told that, in whatever form", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const headers = { authorization: `Bearer ${schedulerToken}`, accept: "text/html" };
  assert.equal((await ask("/api/v1/namespaces/default/secrets", { headers })).status, 403);
});

test("deletes: not of all namespaces at once, and with options that can be read", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  assert.equal((await ask("/api/v1/configmaps", { method: "DELETE" })).status, 405);
  const messageOf = async (body: string) => {
    const headers = { "content-type": "application/json" };
    const answer = await ask(`${maps}/a`, { method: "DELETE", body, headers });
    return ((await answer.json()) as { message: string }).message;
  };
  assert.equal(
    await messageOf("x"),
    "couldn't get version/kind; json parse error: invalid character 'x' looking for beginning of value",
  );
  assert.equal(
    await messageOf('{"gracePeriodSeconds":"x"}'),
    "json: cannot unmarshal string into Go struct field DeleteOptions.gracePeriodSeconds of type int64",
  );
});

test("apply: an object is wanted; a subresource is of an object that is there; a scale is applied as such", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const apply = async (path: string, body: object, manager = "m") => {
    const headers = { "content-type": "application/apply-patch+yaml" };
    const answer = await ask(`${path}?fieldManager=${manager}`, {
      method: "PATCH",
      headers,
      body: JSON.stringify(body),
    });
    return { code: answer.status, ...((await answer.json()) as { message?: string; spec?: object }) };
  };
  const list = await apply(`${maps}/a`, []);
  assert.equal(
    `${list.code} ${list.message}`,
    "400 error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}",
  );
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, status: { phase: "Running" } };
  const missing = await apply("/api/v1/namespaces/default/pods/p/status", pod);
  assert.equal(`${missing.code} ${missing.message}`, '404 pods "p" not found');

  const labels = { app: "a" };
  const template = { metadata: { labels }, spec: { containers: [{ name: "c", image: "i" }] } };
  await cluster.client.create(resources.deployments, {
    metadata: { namespace: "default", name: "d" },
    spec: { selector: { matchLabels: labels }, template },
  });
  const scale = { apiVersion: "autoscaling/v1", kind: "Scale", metadata: { name: "d" }, spec: { replicas: 3 } };
  const path = "/apis/apps/v1/namespaces/default/deployments/d/scale";
  const refused = await apply(path, scale);
  assert.equal(refused.code, 409);
  assert.match(refused.message!, /^Apply failed with 1 conflict: conflict with "admin".*: \.spec\.replicas$/);
  const forced = await apply(path, scale, "m&force=true");
  assert.deepEqual([forced.code, forced.spec], [200, { replicas: 3 }]);
});
