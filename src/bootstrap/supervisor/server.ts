// Takes requests for a supervisor on its socket.

import { mkdirSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { dirname } from "node:path";
import { describeError } from "#shared";
import type { SupervisorRequest, SupervisorResponse } from "./protocol.ts";
import type { Supervisor } from "./supervisor.ts";

export interface SupervisorServer {
  close(): void;
}

/** Resolves when requests are taken. `onShutdown` is called after a shutdown request was carried out and answered. */
export async function serveSupervisor(
  path: string,
  supervisor: Supervisor,
  onShutdown: () => void,
): Promise<SupervisorServer> {
  mkdirSync(dirname(path), { recursive: true });
  // A supervisor that was killed leaves the file; that no other one lives is known by the lock.
  rmSync(path, { force: true });
  const server = createServer((socket) => {
    handle(socket, supervisor).then(
      (shutdown) => {
        if (shutdown) onShutdown();
      },
      () => socket.destroy(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  return { close: () => server.close() };
}

/** Answers one request; true after a shutdown. */
async function handle(socket: Socket, supervisor: Supervisor): Promise<boolean> {
  socket.on("error", () => {});
  const gone = new AbortController();
  const request = await readRequest(socket);
  if (!request) return false;
  socket.once("close", () => gone.abort(new Error("the caller has gone")));
  const response = await answer(request, supervisor, gone.signal);
  const text = `${JSON.stringify(response)}\n`;
  // The connection of a process that is ready stays: by its end it learns that the supervisor has gone.
  if (request.op === "ready") socket.write(text);
  else await new Promise<void>((resolve) => socket.end(text, resolve));
  return request.op === "shutdown";
}

async function answer(
  request: SupervisorRequest,
  supervisor: Supervisor,
  signal: AbortSignal,
): Promise<SupervisorResponse> {
  try {
    switch (request.op) {
      case "start":
        await supervisor.start(request.unit, signal);
        return { ok: true };
      case "stop":
        await supervisor.stop(request.unit);
        return { ok: true };
      case "ready":
        supervisor.notifyReady(request.unit);
        return { ok: true };
      case "status":
        return { ok: true, status: { pid: process.pid, units: supervisor.status() } };
      case "shutdown":
        await supervisor.stopAll();
        return { ok: true };
    }
  } catch (error) {
    return { ok: false, message: describeError(error) };
  }
}

function readRequest(socket: Socket): Promise<SupervisorRequest | undefined> {
  return new Promise((resolve) => {
    let text = "";
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => {
      text += chunk;
      if (text.includes("\n")) resolve(JSON.parse(text) as SupervisorRequest);
    });
    socket.once("close", () => resolve(undefined));
  });
}
