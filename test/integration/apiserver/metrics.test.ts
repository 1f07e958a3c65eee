// What the API server says of itself: /metrics under upstream's names, and its health in parts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPort } from "../../support/cluster/open-port.ts";
import { startTestCluster } from "../../support/cluster/test-cluster.ts";

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

test("deprecated APIs: clients are warned, and asking is noted", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const { headers } = await ask("/api/v1/endpoints");
  const warning = '299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"';
  assert.equal(headers.get("warning"), warning);
  const text = await (await ask("/metrics")).text();
  assert.match(text, /apiserver_requested_deprecated_apis\{[^}]*resource="endpoints"[^}]*\} 1\n/);
});

test("/livez and /readyz: the parts, and leaving some out", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const whole = await (await ask("/livez?verbose=1")).text();
  for (const line of ["[+]ping ok", "[+]etcd ok", "[+]poststarthook/storage-readiness ok", "livez check passed"]) {
    assert.ok(whole.split("\n").includes(line), line);
  }
  const left = await (await ask("/readyz?verbose&exclude=etcd&exclude=none")).text();
  assert.match(left, /\[\+\]etcd excluded: ok\n/);
  assert.match(left, /warn: some health checks cannot be excluded: no matches for "none"\n/);
  assert.equal(await (await ask("/livez/ping")).text(), "ok");
});
