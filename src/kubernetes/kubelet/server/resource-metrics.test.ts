import assert from "node:assert/strict";
import { test } from "node:test";
import { cadvisorMetrics, resourceMetrics } from "./resource-metrics.ts";
import { type SummaryInputs, statsSummary } from "./stats-summary.ts";

const container = {
  ...{ id: "c1", name: "main", podUid: "u1", at: 5000, cpuNanoseconds: 2e9, cpuNanoCores: 10 },
  ...{ workingSetBytes: 100, usageBytes: 150, rssBytes: 50, diskBytes: 7, diskInodes: 1 },
};
const inputs: SummaryInputs = {
  nodeName: "node-1",
  nodeStartedAt: 1000,
  node: { at: 6000, cpuNanoseconds: 9e9, workingSetBytes: 1000, usageBytes: 2000, rssBytes: 500 },
  disk: { capacityBytes: 10, availableBytes: 4, usedBytes: 6, inodes: 5, inodesFree: 3 },
  pods: [
    {
      ...{ uid: "u1", name: "web", namespace: 'a"b' },
      containers: [container, { ...container, id: "c2", name: "side" }],
      network: { name: "eth0", rxBytes: 11, txBytes: 22 },
    },
  ],
  startedAt: (id) => (id === "c1" ? 2000 : undefined),
};

test("resourceMetrics: containers, pods and the node, with times in milliseconds and labels escaped", () => {
  const lines = resourceMetrics(inputs).split("\n");
  assert.ok(lines.includes('container_cpu_usage_seconds_total{container="main",namespace="a\\"b",pod="web"} 2 5000'));
  assert.ok(lines.includes('container_start_time_seconds{container="main",namespace="a\\"b",pod="web"} 2'));
  assert.ok(lines.includes('pod_memory_working_set_bytes{namespace="a\\"b",pod="web"} 200 5000'));
  assert.ok(lines.includes("node_cpu_usage_seconds_total 9 6000"));
  assert.ok(lines.includes("# TYPE node_cpu_usage_seconds_total counter"));
  assert.equal(lines.filter((line) => line.startsWith("container_start_time_seconds{")).length, 1);
  assert.equal(lines.at(-1), "");
});

test("cadvisorMetrics: by the names dashboards know", () => {
  const text = cadvisorMetrics(inputs, { cpuCores: 2, memoryBytes: 4096 });
  assert.match(text, /^container_cpu_usage_seconds_total\{.*id="\/podu1\/c1",name="c1",cpu="total"\} 2 5000$/m);
  assert.match(
    text,
    /^container_network_receive_bytes_total\{interface="eth0",namespace="a\\"b",pod="web"\} 11 6000$/m,
  );
  assert.match(text, /^machine_memory_bytes 4096$/m);
});

test("statsSummary: a pod's use is the sum of its containers'", () => {
  const { pods } = statsSummary(inputs) as { pods: { memory: { workingSetBytes: number }; startTime: string }[] };
  assert.equal(pods[0]?.memory.workingSetBytes, 200);
  assert.equal(pods[0]?.startTime, "1970-01-01T00:00:02Z");
});
