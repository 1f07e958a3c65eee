// A process in a network namespace, driven from a test.

import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

export interface PeerOptions {
  readonly protocol?: "tcp" | "udp";
  readonly address?: string;
  readonly port: number;
  readonly name?: string;
  readonly from?: number;
  readonly timeoutMs?: number;
}

export interface Peer {
  /** Answers everybody with "NAME ADDRESS-OF-THE-ASKING-SIDE". */
  listen(options: PeerOptions): Promise<string>;
  /** What a TCP server says; or "refused", "timeout", an error's code. */
  connect(options: PeerOptions): Promise<string>;
  /** What comes back for a datagram. */
  send(options: PeerOptions): Promise<string>;
  stop(): Promise<void>;
}

type Reply = { id: number; result?: string; error?: string } & { ready?: boolean };

/** Starts the process in the namespace of this name. */
export async function startPeer(namespace: string): Promise<Peer> {
  const script = join(import.meta.dirname, "peer-process.ts");
  const child = spawn("nsenter", [`--net=/run/netns/${namespace}`, "--", process.execPath, script], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const waiting = new Map<number, { resolve(value: string): void; reject(error: Error): void }>();
  let count = 0;
  await new Promise<void>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`Cannot start a peer in ${namespace}: exit code ${code}`)));
    child.on("message", (reply: Reply) => {
      if (reply.ready) return resolve();
      const caller = waiting.get(reply.id);
      waiting.delete(reply.id);
      if (reply.error !== undefined) caller?.reject(new Error(`${namespace}: ${reply.error}`));
      else caller?.resolve(reply.result ?? "");
    });
  });
  const call = (method: string, options: PeerOptions): Promise<string> => {
    const id = ++count;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      child.send({ id, method, options });
    });
  };
  return {
    listen: (options) => call("listen", options),
    connect: (options) => call("connect", options),
    send: (options) => call("send", options),
    stop: () => end(child),
  };
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill("SIGKILL");
  });
}
