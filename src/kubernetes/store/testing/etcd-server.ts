// A real etcd for tests: a process of its own on the loopback, its data in a folder of its own, killed and started again at will.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface EtcdServer {
  readonly endpoint: string;
  /** Kills it with -9 and starts it anew on the same data. */
  restart(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** Why tests with etcd can't run here, or undefined. */
export function findEtcdProblem(): string | undefined {
  const { status } = spawnSync("etcd", ["--version"]);
  return status === 0 ? undefined : "etcd is not installed (Debian: apt-get install etcd-server)";
}

/** Resolves when it answers clients. With a snapshot, on the data in it. */
export async function startEtcd({ snapshot }: { readonly snapshot?: string } = {}): Promise<EtcdServer> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-etcd-"));
  const [client, peer] = await findFreePorts(2);
  const endpoint = `http://127.0.0.1:${client}`;
  const args = [
    ...["--name", "test", "--data-dir", join(folder, "data"), "--logger", "zap"],
    ...["--listen-client-urls", endpoint, "--advertise-client-urls", endpoint],
    ...["--listen-peer-urls", `http://127.0.0.1:${peer}`, "--initial-advertise-peer-urls", `http://127.0.0.1:${peer}`],
    ...["--initial-cluster", `test=http://127.0.0.1:${peer}`, "--heartbeat-interval", "10", "--election-timeout", "50"],
  ];
  if (snapshot !== undefined) restore(snapshot, join(folder, "data"), `http://127.0.0.1:${peer}`);
  let child = await launch(args);
  return {
    endpoint,
    async restart() {
      await kill(child);
      child = await launch(args);
    },
    async stop() {
      await kill(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function restore(snapshot: string, data: string, peer: string): void {
  const member = ["--name", "test", "--initial-cluster", `test=${peer}`, "--initial-advertise-peer-urls", peer];
  const { status, stderr } = spawnSync("etcdctl", ["snapshot", "restore", snapshot, "--data-dir", data, ...member], {
    env: { PATH: process.env["PATH"], ETCDCTL_API: "3" },
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`Cannot restore ${snapshot}: ${stderr}`);
}

function launch(args: readonly string[]): Promise<ChildProcess> {
  const child = spawn("etcd", args, { stdio: ["ignore", "ignore", "pipe"], env: { PATH: process.env["PATH"] } });
  const end = () => child.kill("SIGKILL");
  process.once("exit", end);
  child.once("exit", () => process.removeListener("exit", end));
  return new Promise((resolve, reject) => {
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      said = (said + chunk).slice(-10_000);
      if (said.includes("serving client traffic")) resolve(child);
    });
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`Cannot start etcd: ${said}`)));
  });
}

function kill(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once("exit", () => resolve());
    child.kill("SIGKILL");
  });
}

async function findFreePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once("error", reject);
          server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
