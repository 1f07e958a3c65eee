import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject, Node, NodeCondition } from "#kubernetes/api";
import type { Client, Patch } from "#kubernetes/client";
import type { EventRecorder } from "#kubernetes/runtime";
import { FakeClock, silentLogger } from "#shared";
import { createNodeAgent } from "./node-agent.ts";
import type { NodeStatusInputs } from "./node-status.ts";

const inputs: NodeStatusInputs = {
  addresses: [],
  port: 10_250,
  info: { kubeletVersion: "v1" } as NodeStatusInputs["info"],
  capacity: { cpu: "1" },
  allocatable: { cpu: "1" },
  images: [],
  runtimeHandlers: [],
  volumesInUse: [],
  problems: [],
  pressure: { memory: false, disk: false, pid: false },
};

/** An agent of a node that is well, with what it has written of the node's status. */
async function startAgent() {
  const written: NodeCondition[][] = [];
  let version = 1;
  const client = {
    create: async (_: unknown, object: KubeObject) => ({
      ...object,
      metadata: { ...object.metadata, uid: "u", resourceVersion: String(++version) },
    }),
    async patch(_: unknown, key: { name: string }, { body }: Patch, { subresource }: { subresource?: string }) {
      if (subresource === "status")
        written.push((body as { status: { conditions: NodeCondition[] } }).status.conditions);
      return { metadata: { ...key, uid: "u", resourceVersion: String(++version) } };
    },
    update: async (_: unknown, object: KubeObject) => object,
  } as unknown as Client;
  const agent = createNodeAgent({
    client,
    clock: new FakeClock(),
    logger: silentLogger,
    recorder: { normal() {}, warning() {} } as unknown as EventRecorder,
    identity: { name: "a", labels: {}, taints: [] } as never,
    look: async () => inputs,
    onNode() {},
  });
  await agent.start();
  const turns = async () => {
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  await turns();
  return { agent, written, turns };
}

function nodeWith(resourceVersion: string, status: string, reason: string): Node {
  const types = ["MemoryPressure", "DiskPressure", "PIDPressure", "Ready"];
  return {
    metadata: { name: "a", resourceVersion },
    status: {
      conditions: types.map((type) => ({ type, status, reason, message: "Kubelet stopped posting node status." })),
    },
  };
}

test("NodeAgent: conditions that the node life cycle controller has overwritten are written again at once", async (t) => {
  const { agent, written, turns } = await startAgent();
  t.after(() => agent.stop());
  agent.observe(nodeWith("9", "Unknown", "NodeStatusUnknown"));
  await turns();
  assert.equal(written.length, 1);
  assert.equal(written[0]?.find(({ type }) => type === "Ready")?.status, "True");
});

test("NodeAgent: what it has written itself, or knows already, is no news", async (t) => {
  const { agent, written, turns } = await startAgent();
  t.after(() => agent.stop());
  agent.observe(nodeWith("1", "Unknown", "NodeStatusUnknown"));
  await turns();
  assert.equal(written.length, 0);
});
