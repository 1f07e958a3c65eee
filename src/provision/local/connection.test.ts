import { exec } from "#shared";
import { thisHost } from "../host/host.ts";
import type { Machine } from "../provider.ts";
import { testConnection } from "../testing/connection-suite.ts";
import { connectLocalMachine, enterMachine } from "./connection.ts";

const machine: Machine = {
  name: "demo-worker-1",
  role: "worker",
  pool: "worker",
  address: "10.90.0.2",
  access: { kind: "local" },
  handle: { netns: "/run/netns/slipway.demo.worker-1" },
};

// The words that enter the namespace are left out: making one takes root.
const prefix = enterMachine(machine).length;
const host = { ...thisHost, exec: (argv: readonly string[], options = {}) => exec(argv.slice(prefix), options) };

testConnection("local machine", async () => ({
  connection: connectLocalMachine(host, machine),
  stop: async () => {},
}));
