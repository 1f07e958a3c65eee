// What the API server says of itself: /metrics under upstream's names, and its health in parts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { resources } from "#kubernetes/api";
import { openPort } from "../../support/cluster/open-port.ts";
import { schedulerToken, startTestCluster } from "../../support/cluster/test-cluster.ts";
import { create, hook, onConfigMaps, refusal, startScene, validate } from "../../support/webhooks/webhook-scene.ts";
import { reviewed } from "../../support/webhooks/webhook-server.ts";

test("/metrics: counts requests by what they were about", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  for (const name of ["a", "b"]) {
    const body = JSON.stringify({ metadata: { name } });
    const path = "/api/v1/namespaces/default/configmaps?dryRun=All";
    assert.equal(
      (await ask(path, { method: "POST", body, headers: { "content-type": "application/json" } })).status,
      201,
    );
  }
  await ask("/api/v1/namespaces/default/configmaps/none");
  await ask("/apis/no.such/v1/things");
  const text = await (await ask("/metrics")).text();
  const about = 'component="apiserver",dry_run="All",group="",resource="configmaps",scope="resource",subresource=""';
  assert.ok(text.includes(`apiserver_request_total{code="201",${about},verb="POST",version="v1"} 2\n`));
  assert.ok(text.includes(`apiserver_request_duration_seconds_count{${about},verb="POST",version="v1"} 2\n`));
  assert.match(
    text,
    /apiserver_request_total\{code="404",[^}]*resource="configmaps",[^}]*verb="GET",version="v1"\} 1\n/,
  );
  assert.match(text, /apiserver_current_inflight_requests\{request_kind="readOnly"\} 1\n/);
  assert.match(text, /apiserver_storage_objects\{resource="namespaces"\} 4\n/);
  assert.doesNotMatch(text, /no\.such/);
});

test("/metrics: counts what was sent", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  await (await ask("/api/v1/namespaces")).text();
  const abort = new AbortController();
  const reader = (await ask("/api/v1/namespaces?watch=true", { signal: abort.signal })).body!.getReader();
  await reader.read();
  const text = await (await ask("/metrics")).text();
  abort.abort();
  assert.match(text, /apiserver_response_sizes_count\{component="apiserver",[^}]*resource="namespaces"[^}]*\} 1\n/);
  assert.match(text, /apiserver_watch_events_total\{group="",version="v1",resource="namespaces"\} 4\n/);
  assert.match(text, /apiserver_watch_events_sizes_count\{group="",version="v1",resource="namespaces"\} 4\n/);
});

test("/metrics: who asked, whether they might, what admission and the store took", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const create = (name: string, token?: string) =>
    ask("/api/v1/namespaces/default/configmaps", {
      method: "POST",
      body: JSON.stringify({ metadata: { name } }),
      headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
    });
  assert.equal((await create("a")).status, 201);
  assert.equal((await create("b", "nobody's")).status, 401);
  assert.equal((await create("c", schedulerToken)).status, 403);
  assert.equal((await ask("/api/v1/nodes", { headers: { authorization: `Bearer ${schedulerToken}` } })).status, 200);
  const text = await (await ask("/metrics")).text();
  const has = (line: RegExp) => assertHas(text, line);
  has(/authentication_attempts\{result="failure"\} 1/);
  has(/authentication_attempts\{result="success"\} 4/);
  has(/authenticated_user_requests\{username="admin"\} 2/);
  has(/authenticated_user_requests\{username="other"\} 2/);
  has(/authentication_duration_seconds_count\{result="success"\} 4/);
  has(/authorization_attempts_total\{result="no-opinion"\} 1/);
  has(/apiserver_authorization_decisions_total\{decision="allowed",name="rbac",type="RBAC"\} \d+/);
  has(
    /apiserver_admission_step_admission_duration_seconds_count\{operation="CREATE",rejected="false",type="admit"\} \d+/,
  );
  has(
    /apiserver_admission_controller_admission_duration_seconds_count\{name="NamespaceLifecycle",operation="CREATE",rejected="false",type="admit"\} \d+/,
  );
  has(/etcd_request_duration_seconds_count\{group="",operation="create",resource="configmaps"\} \d+/);
  has(/etcd_requests_total\{group="rbac.authorization.k8s.io",operation="list",resource="clusterroles"\} \d+/);
});

test("/metrics: what webhooks and policies refused", async (t) => {
  const scene = await startScene(t);
  const { client } = scene.cluster;
  await validate(scene, hook(scene));
  scene.webhook.answer = (review) => reviewed(review, { allowed: false, status: { message: "no", code: 418 } });
  await assert.rejects(create(scene, "a"), refusal(418, /denied the request: no/));
  const metadata = { name: "p" };
  const matchConstraints = { resourceRules: [onConfigMaps] };
  const validations = [{ expression: "object.metadata.name != 'bad'" }];
  await client.create(resources.validatingAdmissionPolicies, { metadata, spec: { matchConstraints, validations } });
  const spec = { policyName: "p", validationActions: ["Deny", "Audit"] };
  await client.create(resources.validatingAdmissionPolicyBindings, { metadata, spec });
  scene.webhook.answer = (review) => reviewed(review, { allowed: true });
  await assert.rejects(create(scene, "bad"), refusal(422, /failed expression/));
  await create(scene, "good");
  const ask = await openPort(scene.cluster);
  const text = await (await ask("/metrics")).text();
  const has = (line: RegExp) => assertHas(text, line);
  const about = 'name="check.example.com",operation="CREATE"';
  has(
    new RegExp(
      `apiserver_admission_webhook_request_total\\{code="418",${about},rejected="true",type="validating"\\} 1`,
    ),
  );
  has(
    new RegExp(
      `apiserver_admission_webhook_request_total\\{code="200",${about},rejected="false",type="validating"\\} 1`,
    ),
  );
  has(
    new RegExp(
      `apiserver_admission_webhook_rejection_count\\{error_type="no_error",${about},rejection_code="418",type="validating"\\} 1`,
    ),
  );
  has(
    new RegExp(
      `apiserver_admission_webhook_admission_duration_seconds_count\\{${about},rejected="true",type="validating"\\} 1`,
    ),
  );
  for (const action of ["deny", "audit"]) {
    const check = `enforcement_action="${action}",error_type="invalid_error",policy="p",policy_binding="p"`;
    has(new RegExp(`apiserver_validating_admission_policy_check_total\\{${check}\\} 1`));
    has(new RegExp(`apiserver_validating_admission_policy_check_duration_seconds_count\\{${check}\\} 1`));
  }
});

test("/metrics: webhooks that could not be asked", async (t) => {
  const scene = await startScene(t);
  await validate(
    scene,
    hook(scene, { name: "open.example.com", failurePolicy: "Ignore" }),
    hook(scene, { name: "shut.example.com", failurePolicy: "Fail" }),
  );
  scene.webhook.answer = () => ({});
  await assert.rejects(create(scene, "a"), refusal(500, /failed calling webhook "shut.example.com"/));
  const ask = await openPort(scene.cluster);
  const text = await (await ask("/metrics")).text();
  assert.match(text, /^apiserver_admission_webhook_fail_open_count\{name="open.example.com",type="validating"\} 1$/m);
  assert.match(
    text,
    /^apiserver_admission_webhook_rejection_count\{error_type="calling_webhook_error",name="shut.example.com",operation="CREATE",rejection_code="500",type="validating"\} 1$/m,
  );
});

test("/metrics/slis: health checks, and how often they passed", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  assert.doesNotMatch(await (await ask("/metrics/slis")).text(), /name="ping"/);
  for (let count = 0; count < 2; count++) await (await ask("/livez")).text();
  await (await ask("/livez/ping")).text();
  const text = await (await ask("/metrics/slis")).text();
  assert.match(text, /^kubernetes_healthcheck\{name="ping",type="livez"\} 1$/m);
  assert.match(text, /^process_start_time_seconds \d/m);
  assert.match(text, /^kubernetes_healthchecks_total\{name="ping",status="success",type="livez"\} 2$/m);
});

test("deprecated APIs: clients are warned, and asking is noted", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const { headers } = await ask("/api/v1/endpoints");
  const warning = '299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"';
  assert.equal(headers.get("warning"), warning);
  const text = await (await ask("/metrics")).text();
  assert.match(text, /apiserver_requested_deprecated_apis\{[^}]*resource="endpoints"[^}]*\} 1\n/);
});

test("/metrics: lists and the changes behind watches, by resource", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const watching = await ask("/api/v1/namespaces/default/configmaps?watch=1&timeoutSeconds=1");
  for (const name of ["a", "b"]) {
    await cluster.client.create(resources.configMaps, { metadata: { name, namespace: "default", labels: { name } } });
  }
  await watching.text();
  await (await ask("/api/v1/namespaces/default/configmaps?labelSelector=name=a")).text();
  await (await ask("/api/v1/namespaces/default/configmaps?resourceVersion=0")).text();
  const text = await (await ask("/metrics")).text();
  const about = 'group="",resource="configmaps"';
  assertHas(text, /apiserver_cache_list_total\{group="",index="",resource="configmaps"\} [2-9]/);
  assertHas(text, /apiserver_cache_list_fetched_objects_total\{group="",index="",resource="configmaps"\} 4/);
  assertHas(text, new RegExp(`apiserver_cache_list_returned_objects_total\\{${about}\\} 3`));
  assertHas(text, new RegExp(`apiserver_watch_cache_events_received_total\\{${about}\\} 2`));
  assertHas(
    text,
    /apiserver_watch_cache_consistent_read_total\{fallback="false",group="",resource="configmaps",success="true"\} [12]/,
  );
});

test("/livez and /readyz: the parts, and leaving some out", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const whole = await (await ask("/livez?verbose=1")).text();
  for (const line of ["[+]ping ok", "[+]etcd ok", "[+]poststarthook/storage-readiness ok", "livez check passed"]) {
    assert.ok(whole.split("\n").includes(line), line);
  }
  const ready = await (await ask("/readyz?verbose")).text();
  const named = ready.split("\n").map((line) => line.split(" ")[0]);
  assert.deepEqual(named.slice(0, 5), ["[+]ping", "[+]log", "[+]etcd", "[+]etcd-readiness", "[+]informer-sync"]);
  assert.ok(whole.includes("[+]log ok\n[+]loopback-serving-certificate ok\n[+]etcd ok\n"));
  assert.ok(whole.includes("identity-lease-garbage-collector ok\n[+]poststarthook/storage-readiness ok\n"));
  assert.equal((await ask("/livez/")).status, 404);
  assert.equal((await ask("/version/")).status, 200);
  assert.equal((await ask("/livez")).headers.get("x-content-type-options"), "nosniff");
  const left = await (await ask("/readyz?verbose&exclude=etcd&exclude=none")).text();
  assert.match(left, /\[\+\]etcd excluded: ok\n/);
  assert.match(left, /warn: some health checks cannot be excluded: no matches for "none"\n/);
  assert.equal(await (await ask("/livez/ping")).text(), "ok");
  for (const path of ["/livez/none", "/livez/etcd-readiness"]) assert.equal((await ask(path)).status, 404);
});

/** Of a text this long the whole would tell less than what is like the line looked for. */
function assertHas(text: string, line: RegExp): void {
  if (new RegExp(`^${line.source}$`, "m").test(text)) return;
  const name = line.source.split("\\{")[0]!;
  assert.fail(
    `${line.source} is not among\n${text
      .split("\n")
      .filter((each) => each.startsWith(name))
      .join("\n")}`,
  );
}
