// Priority and fairness over the wire: where requests are put, what a flood is answered, and what flow schemas say of themselves.

import assert from "node:assert/strict";
import { test } from "node:test";
import { resources } from "#kubernetes/api";
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
