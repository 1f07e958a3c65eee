// How fast clusters come and go on this machine, by the real command: `node bench/local.ts [rounds]`. Prints medians in seconds, and
// the memory and CPU time of an idle cluster's processes. Three real nodes are measured as root only.

import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCluster } from "#controlplane";

const rounds = Number(process.argv[2] ?? 7);
const launcher = join(import.meta.dirname, "../slipway");
const home = mkdtempSync(join(tmpdir(), "slipway-bench-"));
const env = { ...process.env, SLIPWAY_HOME: home, KUBECONFIG: join(home, "kubeconfig") };
const idleSeconds = 20;

slipway("version");
try {
  await report("API ready in process (startCluster)", inProcess);
  await report("API answers after the command was typed (--simulated --workers 0)", untilApiAnswers);
  await report("up --simulated --workers 0, to its end", () => timed("up", "--simulated", "--workers", "0"));
  if (process.getuid?.() === 0) {
    await report("up: three real nodes Ready", () => timed("up"));
    await report("up of a running cluster", () => timed("up"), { keep: true });
    await report("down of three nodes", async () => timed("down"), { before: () => slipway("up") });
    slipway("up");
    await reportIdle();
    slipway("down");
  }
} finally {
  rmSync(home, { recursive: true, force: true });
}

async function inProcess(): Promise<number> {
  const start = performance.now();
  const cluster = await startCluster();
  const elapsed = performance.now() - start;
  await cluster.stop();
  return elapsed;
}

/** From the start of the command to the first answer of /readyz, asked again and again. */
async function untilApiAnswers(): Promise<number> {
  const start = performance.now();
  const child = spawn(launcher, ["up", "--simulated", "--workers", "0", "-q"], { env, stdio: "ignore" });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  while (!(await isReady(6443))) await new Promise((resolve) => setTimeout(resolve, 2));
  const elapsed = performance.now() - start;
  await ended;
  return elapsed;
}

function isReady(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const call = request(
      { host: "127.0.0.1", port, path: "/readyz", rejectUnauthorized: false, agent: false },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode === 200);
      },
    );
    call.once("error", () => resolve(false));
    call.end();
  });
}

async function timed(...args: string[]): Promise<number> {
  const start = performance.now();
  slipway(...args);
  return performance.now() - start;
}

async function report(
  title: string,
  measure: () => Promise<number>,
  { before, keep = false }: { before?: () => void; keep?: boolean } = {},
): Promise<void> {
  const times: number[] = [];
  if (keep) slipway("up");
  for (let round = 0; round < rounds; round++) {
    before?.();
    times.push(await measure());
    if (!keep) slipway("down");
  }
  if (keep) slipway("down");
  times.sort((one, other) => one - other);
  const seconds = (ms: number) => (ms / 1000).toFixed(3);
  console.log(
    `${title}: ${seconds(times[Math.floor(rounds / 2)]!)} s (best ${seconds(times[0]!)}, worst ${seconds(times.at(-1)!)})`,
  );
}

async function reportIdle(): Promise<void> {
  await sleep(5);
  const before = processes();
  await sleep(idleSeconds);
  for (const { name, pid, ticks, rssMiB, ownMiB } of processes()) {
    const earlier = before.find((one) => one.pid === pid)?.ticks ?? ticks;
    const percent = (ticks - earlier) / idleSeconds;
    console.log(`idle ${name}: ${rssMiB} MiB resident, ${ownMiB} MiB its own, ${percent.toFixed(2)} % of a core`);
  }
}

function sleep(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

interface ProcessFacts {
  readonly name: string;
  readonly pid: string;
  /** Of CPU time, a hundredth of a second each. */
  readonly ticks: number;
  readonly rssMiB: number;
  readonly ownMiB: number;
}

/** The processes of the bench's clusters: ours by their titles, containerd by its path. */
function processes(): ProcessFacts[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
      const isOurs = command.startsWith("slipway: ") || (command.includes("containerd ") && command.includes(home));
      if (!isOurs || command.includes("shim")) return [];
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
      const memory = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
      const mebibytes = (field: string) =>
        Math.round(Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(memory)![1]) / 1024);
      const ownMiB = mebibytes("Private_Dirty") + mebibytes("Private_Clean");
      const name = command.replaceAll(home, "…").slice(0, 60);
      return [{ name, pid, ticks: Number(fields[11]) + Number(fields[12]), rssMiB: mebibytes("Rss"), ownMiB }];
    } catch {
      return [];
    }
  });
}

function slipway(...args: string[]): void {
  const named = args[0] === "version" ? args : [...args, "-q"];
  const { status, stderr } = spawnSync(launcher, named, { env, encoding: "utf8" });
  if (status !== 0) throw new Error(`slipway ${args.join(" ")} ended with ${status}: ${stderr}`);
}
