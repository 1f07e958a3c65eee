// How fast the API server is over TLS, durable: creates, reads and lists of ConfigMaps by wrk (Debian: apt-get install wrk), 32
// connections: `node bench/api.ts [seconds]`. Server and load share the machine. Another server is measured in the same way by
// SERVER=https://HOST:PORT TOKEN=…, so that two stand side by side.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";

const seconds = Number(process.argv[2] ?? 10);
const folder = mkdtempSync(join(tmpdir(), "slipway-bench-api-"));
const token = process.env["TOKEN"] ?? "bench";
const path = "/api/v1/namespaces/default/configmaps";

if (spawnSync("wrk", ["--version"]).error)
  throw new Error("Cannot measure: wrk is not installed (apt-get install wrk)");
const { server, child } = await startServer();
try {
  console.log(`creates, 32 connections    ${wrk("create", {}, 32)}`);
  console.log(`reads of one, 32           ${wrk("get", { TARGET: "/api/v1/namespaces/default" }, 32)}`);
  const first = await list();
  const times = [];
  for (let round = 0; round < 5; round++) times.push((await list()).ms);
  const { bytes, items } = first;
  const median = times.sort((a, b) => a - b)[2]!;
  console.log(
    `list of ${items} (${(bytes / 1e6).toFixed(1)} MB)     ${median.toFixed(0)} ms, first ${first.ms.toFixed(0)} ms`,
  );
  if (child?.pid) console.log(`server's memory            ${residentMegabytes(child.pid)} MB`);
} finally {
  child?.kill("SIGTERM");
  await new Promise((resolve) => (child ? child.once("exit", resolve) : resolve(undefined)));
  rmSync(folder, { recursive: true, force: true });
}

async function startServer(): Promise<{ server: string; child?: ChildProcess }> {
  const given = process.env["SERVER"];
  if (given) return { server: given };
  const program = join(import.meta.dirname, "api-server.ts");
  const started = spawn(process.execPath, [program, join(folder, "store"), token], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const port = await new Promise<string>((resolve, reject) => {
    started.stdout.once("data", (data: Buffer) => resolve(data.toString().trim()));
    started.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
  });
  return { server: `https://127.0.0.1:${port}`, child: started };
}

/** Requests per second and latencies, as wrk tells them. */
function wrk(script: string, environment: Record<string, string>, connections: number): string {
  const args = [
    "-t1",
    `-c${connections}`,
    `-d${seconds}s`,
    "--latency",
    "-s",
    join(import.meta.dirname, `wrk/${script}.lua`),
    server,
  ];
  const env = { ...process.env, TOKEN: token, RUN: String(Date.now()), ...environment };
  const { stdout } = spawnSync("wrk", args, { env, encoding: "utf8" });
  const rate = /Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1] ?? "?";
  const percentiles = ["50%", "99%"].map((name) => new RegExp(`${name}\\s+(\\S+)`).exec(stdout)?.[1]);
  const failed = /Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1];
  return `${Math.round(Number(rate))}/s, p50 ${percentiles[0]}, p99 ${percentiles[1]}${failed ? `, ${failed} failed` : ""}`;
}

function list(): Promise<{ ms: number; bytes: number; items: number }> {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    const call = request(`${server}${path}`, { headers, rejectUnauthorized: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () => {
        const body = Buffer.concat(chunks);
        const ms = performance.now() - start;
        resolve({ ms, bytes: body.length, items: (JSON.parse(body.toString()) as { items: unknown[] }).items.length });
      });
    });
    call.on("error", reject);
    call.end();
  });
}

function residentMegabytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
}
