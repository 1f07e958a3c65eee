import assert from "node:assert/strict";
import { test } from "node:test";
import type { Service, ServiceSpec } from "#kubernetes/api";
import { openMemoryStore } from "#kubernetes/store";
import { changePorts } from "./node-ports.ts";
import { createPortAllocator, type PortAllocator } from "./port-allocator.ts";

const range = { first: 30_000, last: 30_009 };

function serviceWith(spec: ServiceSpec): Service {
  return { apiVersion: "v1", kind: "Service", metadata: { name: "s" }, spec: { type: "NodePort", ...spec } };
}

async function settle(
  allocator: PortAllocator,
  spec: ServiceSpec,
  { old, dryRun = false }: { old?: ServiceSpec; dryRun?: boolean } = {},
) {
  const service = serviceWith(structuredClone(spec));
  const change = await changePorts(service, old && serviceWith(old), allocator, dryRun);
  return {
    change,
    ports: service.spec!.ports!.map(({ nodePort }) => nodePort),
    health: service.spec!.healthCheckNodePort,
  };
}

const dns = [
  { name: "t", protocol: "TCP", port: 53 },
  { name: "u", protocol: "UDP", port: 53 },
];

test("changePorts: one port by two protocols has one node port, which one of them may ask for", async () => {
  const allocator = createPortAllocator(openMemoryStore({}), range);
  const { ports, change } = await settle(allocator, { ports: dns });
  assert.equal(ports[0], ports[1]);
  assert.deepEqual(change, { taken: [ports[0]], released: [] });
  const wished = ports[0] === 30_005 ? 30_006 : 30_005;
  const asked = await settle(allocator, { ports: [dns[0]!, { ...dns[1]!, nodePort: wished }] });
  assert.deepEqual(asked.ports, [wished, wished]);
});

test("changePorts: two ports cannot ask for one node port, whatever their protocols", async () => {
  const allocator = createPortAllocator(openMemoryStore({}), range);
  const ports = [
    { ...dns[0]!, nodePort: 30_001 },
    { ...dns[1]!, port: 54, nodePort: 30_001 },
  ];
  await assert.rejects(
    settle(allocator, { ports }),
    /spec\.ports\[1\]\.nodePort: Invalid value: 30001: provided port is already allocated$/,
  );
  // Nothing was taken.
  assert.deepEqual((await settle(allocator, { ports: [ports[0]!] })).ports, [30_001]);
});

test("changePorts: a port out of the range is refused, but in a dry run, which makes ports up", async () => {
  const allocator = createPortAllocator(openMemoryStore({}), range);
  const out = [{ ...dns[0]!, nodePort: 1 }];
  await assert.rejects(settle(allocator, { ports: out }), /The range of valid ports is 30000-30009$/);
  assert.deepEqual((await settle(allocator, { ports: out }, { dryRun: true })).ports, [1]);
  const open = [dns[0]!, { ...dns[1]!, port: 54 }];
  const dry = await settle(
    allocator,
    { type: "LoadBalancer", externalTrafficPolicy: "Local", ports: open },
    { dryRun: true },
  );
  assert.deepEqual([...dry.ports, dry.health], [32_769, 32_770, 32_771]);
});

test("changePorts: a change keeps what the service has, and refuses one port twice by one protocol", async () => {
  const allocator = createPortAllocator(openMemoryStore({}), range);
  const old = { ports: [{ ...dns[0]!, nodePort: 30_001 }] };
  await settle(allocator, old);
  const moved = await settle(allocator, { ports: [{ ...dns[0]!, nodePort: 30_002 }] }, { old });
  assert.deepEqual(moved.change, { taken: [30_002], released: [30_001] });
  const twice = {
    ports: [
      { ...dns[0]!, nodePort: 30_001 },
      { name: "v", protocol: "TCP", port: 54, nodePort: 30_001 },
    ],
  };
  await assert.rejects(settle(allocator, twice, { old }), { message: "duplicate nodePort: {TCP 30001}" });
});

test("changePorts: the port of the health check is refused as an internal error", async () => {
  const allocator = createPortAllocator(openMemoryStore({}), range);
  const spec = { type: "LoadBalancer", externalTrafficPolicy: "Local", healthCheckNodePort: 7, ports: [dns[0]!] };
  await assert.rejects(
    settle(allocator, spec),
    /failed to allocate requested HealthCheck NodePort 7: provided port is not/,
  );
});
