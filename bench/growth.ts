// How the API server's costs grow with objects and with watches, over TLS and HTTP/2, durable: `node bench/growth.ts [objects] [watches]`
// (default 150,000 and 5,000; a few minutes). Creates, reads, lists (ms) and memory at each number of objects; then how long a change
// takes to reach the first and the last of so many watches of it, and a watch of one object among so many others (ms).

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [mostObjects = 150_000, mostWatches = 5000] = process.argv.slice(2).map(Number);
const namespaces = 50;
const concurrency = 64;
const streamsPerSession = 100;
/** Changes that are made for a number of watches. */
const rounds = 11;
const token = "bench";
const collection = "/api/v1/configmaps";
const folder = mkdtempSync(join(tmpdir(), "slipway-bench-growth-"));

const { origin, child } = await startServer();
const sessions: ClientHttp2Session[] = [];
try {
  const client = openSession();
  for (let index = 0; index < namespaces; index++) {
    await send(client, "POST", "/api/v1/namespaces", { metadata: { name: `n${index}` } });
  }
  await growObjects(client);
  await growWatches(client);
} finally {
  for (const session of sessions) session.destroy();
  child.kill("SIGTERM");
  await once(child, "exit");
  rmSync(folder, { recursive: true, force: true });
}

async function growObjects(client: ClientHttp2Session): Promise<void> {
  print(
    "objects",
    "creates/s",
    "CPU µs each",
    "read ms",
    "page of 500",
    "by selector",
    "a namespace",
    "whole list",
    "MB",
  );
  let made = 0;
  for (const goal of steps(1000, mostObjects)) {
    const cpuBefore = serverCpuSeconds();
    const perSecond = await createUpTo(client, made, goal);
    const cpu = ((serverCpuSeconds() - cpuBefore) * 1e6) / (goal - made);
    made = goal;
    const read = await median(200, (round) => send(client, "GET", pathOf((round * 7919) % made)));
    const page = await median(10, () => send(client, "GET", `${collection}?limit=500`));
    const selected = await median(5, () => send(client, "GET", `${collection}?labelSelector=index%3D17`));
    const namespace = await median(5, () => send(client, "GET", "/api/v1/namespaces/n1/configmaps"));
    const whole = await median(3, () => send(client, "GET", collection));
    const times = [read, page, selected, namespace, whole].map(ms);
    print(goal, perSecond.toFixed(0), cpu.toFixed(0), ...times, residentMegabytes());
  }
}

function pathOf(index: number): string {
  return `/api/v1/namespaces/n${index % namespaces}/configmaps/c${index}`;
}

/** Creates per second. */
async function createUpTo(client: ClientHttp2Session, from: number, goal: number): Promise<number> {
  const start = performance.now();
  let next = from;
  const worker = async (): Promise<void> => {
    while (next < goal) {
      const index = next++;
      const metadata = { name: `c${index}`, labels: { index: String(index), app: "bench" } };
      const path = `/api/v1/namespaces/n${index % namespaces}/configmaps`;
      await send(client, "POST", path, { metadata, data: { text: "x".repeat(200) } });
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return ((goal - from) * 1000) / (performance.now() - start);
}

async function growWatches(client: ClientHttp2Session): Promise<void> {
  print("watches", "first of all", "last of all", "CPU µs each", "one of many", "MB");
  for (const count of steps(1, mostWatches)) {
    const all = await openWatches(count, () => "/api/v1/namespaces/n0/configmaps?watch=true");
    const cpuBefore = serverCpuSeconds();
    const spread = await measureChange(client, all, 0);
    const cpu = ((serverCpuSeconds() - cpuBefore) * 1e6) / (rounds * count);
    all.close();
    const own = await openWatches(count, (index) => {
      const selector = encodeURIComponent(`metadata.name=c${index * namespaces}`);
      return `/api/v1/namespaces/n0/configmaps?watch=true&fieldSelector=${selector}`;
    });
    const single = await measureChange(client, own, 0, 1);
    const memory = residentMegabytes();
    own.close();
    print(count, ms(spread.first), ms(spread.last), cpu.toFixed(0), ms(single.last), memory);
  }
}

interface Watches {
  readonly count: number;
  /** Called for each watch that tells of something. */
  onEvent: () => void;
  close(): void;
}

async function openWatches(count: number, pathFor: (index: number) => string): Promise<Watches> {
  const { body } = await send(openSession(), "GET", "/api/v1/namespaces/n0/configmaps?limit=1");
  const { resourceVersion } = (JSON.parse(body.toString()) as { metadata: { resourceVersion: string } }).metadata;
  const opened: ClientHttp2Stream[] = [];
  const own: ClientHttp2Session[] = [];
  const watches: Watches = {
    count,
    onEvent: () => {},
    close() {
      for (const session of own) session.destroy();
    },
  };
  for (let index = 0; index < count; index++) {
    if (index % streamsPerSession === 0) own.push(openSession());
    const path = `${pathFor(index)}&resourceVersion=${resourceVersion}`;
    const stream = own.at(-1)!.request({ ":path": path, authorization: `Bearer ${token}` });
    stream.on("error", () => {});
    stream.on("data", () => watches.onEvent());
    opened.push(stream);
    if (opened.length === streamsPerSession || index === count - 1) {
      await Promise.all(opened.splice(0).map((each) => once(each, "response")));
    }
  }
  return watches;
}

/** Medians over some changes of one object: from the request to the first and the last watch that hears of it. */
async function measureChange(
  client: ClientHttp2Session,
  watches: Watches,
  index: number,
  hearing = watches.count,
): Promise<{ readonly first: number; readonly last: number }> {
  const firsts: number[] = [];
  const lasts: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    let heard = 0;
    const everybody = new Promise<void>((resolve) => {
      watches.onEvent = () => {
        if (heard++ === 0) firsts.push(performance.now() - start);
        if (heard === hearing) resolve();
      };
    });
    const patch = { data: { round: `${watches.count}-${hearing}-${round}` } };
    await send(client, "PATCH", pathOf(index), patch);
    await everybody;
    lasts.push(performance.now() - start);
  }
  return { first: middle(firsts), last: middle(lasts) };
}

function openSession(): ClientHttp2Session {
  const session = connect(origin, { rejectUnauthorized: false, settings: { initialWindowSize: 16 * 1024 * 1024 } });
  session.on("error", (error) => console.error(error.message));
  session.setMaxListeners(0);
  sessions.push(session);
  return session;
}

interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

async function send(session: ClientHttp2Session, method: string, path: string, body?: object): Promise<Answer> {
  const type = method === "PATCH" ? "application/merge-patch+json" : "application/json";
  const stream = session.request({
    ":method": method,
    ":path": path,
    authorization: `Bearer ${token}`,
    ...(body && { "content-type": type }),
  });
  stream.end(body && JSON.stringify(body));
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  let status = 0;
  stream.on("response", (headers) => {
    status = Number(headers[":status"]);
  });
  await once(stream, "end");
  const answer = { status, body: Buffer.concat(chunks) };
  if (status >= 300) throw new Error(`${method} ${path}: ${status} ${answer.body.toString().slice(0, 200)}`);
  return answer;
}

/** 1, 3, 10, 30, … from `first` to `last`, which is always one of them. */
function steps(first: number, last: number): number[] {
  const found: number[] = [];
  for (let power = first; power < last; power *= 10) {
    found.push(power);
    if (power * 3 < last) found.push(power * 3);
  }
  return [...found, last];
}

async function median(rounds: number, run: (round: number) => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    await run(round);
    times.push(performance.now() - start);
  }
  return middle(times);
}

function middle(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
}

function ms(time: number): string {
  return time < 10 ? time.toFixed(2) : time.toFixed(0);
}

function print(...cells: (string | number)[]): void {
  console.log(cells.map((cell) => String(cell).padEnd(13)).join(""));
}

/** In ticks of ten milliseconds: tells costs where the machine has other things to do, too. */
function serverCpuSeconds(): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function residentMegabytes(): string {
  const [, kilobytes = "0"] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8")) ?? [];
  return (Number(kilobytes) / 1000).toFixed(0);
}

async function startServer(): Promise<{ origin: string; child: ChildProcess }> {
  const program = join(import.meta.dirname, "api-server.ts");
  const started = spawn(process.execPath, [program, join(folder, "store"), token], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const port = await new Promise<string>((resolve, reject) => {
    started.stdout.once("data", (data: Buffer) => resolve(data.toString().trim()));
    started.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
  });
  return { origin: `https://127.0.0.1:${port}`, child: started };
}
