// Priority and fairness over the wire: where requests are put, what a flood is answered, and what flow schemas say of themselves.

import assert from "node:assert/strict";
import { test } from "node:test";
import { resources } from "#kubernetes/api";
import { createApiServer } from "#kubernetes/apiserver";
import { openMemoryStore } from "#kubernetes/store";
import { openPort } from "../../support/cluster/open-port.ts";
import { startTestCluster } from "../../support/cluster/test-cluster.ts";

test("answers name the flow schema and the priority level", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const { client } = cluster;
  const [level, schema] = await Promise.all([
    client.get(resources.priorityLevelConfigurations, { name: "exempt" }),
    client.get(resources.flowSchemas, { name: "exempt" }),
  ]);
  const { headers } = await ask("/api/v1/namespaces/default");
  assert.equal(headers.get("x-kubernetes-pf-prioritylevel-uid"), level.metadata.uid);
  assert.equal(headers.get("x-kubernetes-pf-flowschema-uid"), schema.metadata.uid);
});

test("a level that lets nobody run answers 429 and when to come again", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const { client } = cluster;
  await client.create(resources.priorityLevelConfigurations, {
    metadata: { name: "closed" },
    spec: { type: "Limited", limited: closed },
  });
  await client.create(resources.flowSchemas, {
    metadata: { name: "closed" },
    spec: {
      priorityLevelConfiguration: { name: "closed" },
      matchingPrecedence: 2,
      rules: [{ subjects: [anonymous], nonResourceRules: [{ verbs: ["*"], nonResourceURLs: ["/version"] }] }],
    },
  });
  await cluster.rest();
  const answer = await ask("/version", { headers: { authorization: "" } });
  assert.deepEqual([answer.status, answer.headers.get("retry-after")], [429, "1"]);
  assert.equal(await answer.text(), "Too many requests, please try again later.\n");
  const metrics = await (await ask("/metrics")).text();
  const labels = 'flow_schema="closed",priority_level="closed",reason="concurrency-limit"';
  assert.ok(metrics.includes(`apiserver_flowcontrol_rejected_requests_total{${labels}} 1\n`));
});

const anonymous = { kind: "User", user: { name: "system:anonymous" } };
const closed = {
  nominalConcurrencyShares: 0,
  borrowingLimitPercent: 0,
  limitResponse: { type: "Reject" },
};

test("FlowSchema: says whether its level exists", async () => {
  await using cluster = await startTestCluster();
  const { client, until } = cluster;
  await client.create(resources.flowSchemas, {
    metadata: { name: "lost" },
    spec: { priorityLevelConfiguration: { name: "nowhere" } },
  });
  const all = await until(resources.flowSchemas, (schemas) =>
    schemas.every(({ status }) => status?.conditions?.length === 1),
  );
  const dangling = all.filter(({ status }) => status?.conditions?.[0]?.status === "True");
  assert.deepEqual(
    dangling.map(({ metadata }) => metadata.name),
    ["lost"],
  );
});

test("dumps show levels, queues and requests; a table of flow schemas is in the order they are tried", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const dump = async (what: string) => {
    const lines = (await (await ask(`/debug/api_priority_and_fairness/${what}`)).text()).trimEnd().split("\n");
    return lines.map((line) => line.split(/, +/));
  };
  const levels = await dump("dump_priority_levels");
  assert.deepEqual(levels[0]!.slice(0, 3), ["PriorityLevelName", "ActiveQueues", "IsIdle"]);
  assert.ok(levels.some(([name, active, isIdle]) => name === "catch-all" && active === "0" && isIdle === "true"));
  assert.equal((await dump("dump_queues")).length, 1);
  const [header, own] = await dump("dump_requests?includeRequestDetails=1");
  assert.equal(header!.at(-1), "SubResource");
  assert.deepEqual(own!.slice(0, 4), ["exempt", "exempt", "-1", "-1"]);

  const accept = "application/json;as=Table;v=v1;g=meta.k8s.io";
  const table = await (await ask("/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas", { headers: { accept } })).json();
  const precedences = (table as { rows: { cells: unknown[] }[] }).rows.map(({ cells }) => cells[2] as number);
  assert.deepEqual(
    precedences,
    precedences.toSorted((a, b) => a - b),
  );
});

test("a watch holds no seat once it has told of what there is", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const abort = new AbortController();
  const response = await ask("/api/v1/namespaces?watch=true", { signal: abort.signal });
  const reader = response.body!.getReader();
  await reader.read();
  const metrics = await (await ask("/metrics")).text();
  abort.abort();
  assert.ok(metrics.includes('apiserver_flowcontrol_current_executing_requests{priority_level="exempt"} 1\n'), metrics);
});

test("a watch that asks for what there is not is refused, and holds no seat", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const accept = "application/json;as=Table;v=v1;g=meta.k8s.io";
  const answer = await ask("/api/v1/namespaces?watch=1&includeObject=x", { headers: { accept } });
  assert.equal(answer.status, 422);
  assert.match(((await answer.json()) as { message: string }).message, /includeObject: Invalid value: "x"/);
  const metrics = await (await ask("/metrics")).text();
  assert.ok(metrics.includes('apiserver_flowcontrol_current_executing_requests{priority_level="exempt"} 1\n'), metrics);
});

test("a client that goes while its request waits is counted, and its request does not run", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const { client } = cluster;
  const limitResponse = { type: "Queue", queuing: { queues: 1, handSize: 1, queueLengthLimit: 5 } };
  await client.create(resources.priorityLevelConfigurations, {
    metadata: { name: "closed" },
    spec: { type: "Limited", limited: { ...closed, limitResponse } },
  });
  await client.create(resources.flowSchemas, {
    metadata: { name: "closed" },
    spec: {
      priorityLevelConfiguration: { name: "closed" },
      matchingPrecedence: 2,
      rules: [{ subjects: [anonymous], nonResourceRules: [{ verbs: ["*"], nonResourceURLs: ["/version"] }] }],
    },
  });
  await cluster.rest();
  const countsAre = async (waiting: string, cancelled: string) => {
    for (const endsAt = Date.now() + 10_000; ; ) {
      const dump = await (await ask("/debug/api_priority_and_fairness/dump_priority_levels")).text();
      const row = dump.split("\n").find((line) => line.startsWith("closed,")) ?? "";
      const cells = row.split(/, +/);
      if (cells[4] === waiting && cells[9] === cancelled) return cells;
      assert.ok(Date.now() < endsAt, dump);
    }
  };
  const abort = new AbortController();
  const waits = ask("/version", { headers: { authorization: "" }, signal: abort.signal });
  await countsAre("1", "0");
  abort.abort();
  await assert.rejects(waits);
  assert.equal((await countsAre("0", "1"))[6], "0", "dispatched");
});

test("mostRequestsInFlight: so many seats are dealt out; 0: nothing is held back", async (t) => {
  const ask = async (mostRequestsInFlight: number) => {
    const server = createApiServer({ store: openMemoryStore(), mostRequestsInFlight });
    t.after(() => server.stop());
    const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
    const { headers } = await fetch(`http://127.0.0.1:${port}/version`);
    const query = new URLSearchParams();
    const user = { name: "root", groups: ["system:masters"] };
    const answer = await server.handler({ method: "GET", path: "/metrics", query, headers: {}, user });
    assert.ok(answer.kind === "bytes");
    const seats = [...String(answer.body).matchAll(/^apiserver_flowcontrol_nominal_limit_seats\{[^}]*\} (\d+)$/gm)];
    return [headers.has("x-kubernetes-pf-flowschema-uid"), seats.reduce((sum, [, count]) => sum + Number(count), 0)];
  };
  const [isHeldBack, sum] = await ask(245);
  assert.equal(isHeldBack, true);
  assert.ok(Number(sum) >= 245 && Number(sum) < 260, `${sum} seats, each level's rounded up`);
  assert.deepEqual(await ask(0), [false, 0]);
});
