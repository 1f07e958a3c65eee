// How a supervised process says that it is ready; and how a supervisor that was killed comes back: a process it had started notices,
// and starts it again. (Where systemd runs, systemd does that.)

import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { connect } from "node:net";
import { dirname } from "node:path";
import { exec } from "#shared";
import { supervisorPaths } from "./paths.ts";

const attempts = 100;
const retryMs = 100;
/** So that of several processes one is first, and the others find its supervisor. */
const mostHesitationMs = 300;

/**
 * Tells the supervisor, or systemd, that started this process that it does its work now; resolves when it knows. Without one (started by hand) it
 * does nothing.
 */
export async function notifySupervisor(): Promise<void> {
  const { SLIPWAY_SUPERVISOR: path, SLIPWAY_UNIT: unit, NOTIFY_SOCKET: systemd } = process.env;
  // Node speaks no datagrams to unix sockets; systemd's own program does.
  if (systemd !== undefined) await exec(["systemd-notify", "--ready"]);
  if (path === undefined || unit === undefined) return;
  let ending = false;
  process.once("SIGTERM", () => {
    ending = true;
  });
  const onLost = () => {
    if (ending) return;
    setTimeout(() => {
      reviveSupervisor(path)
        .then(() => attach(path, unit, onLost))
        .catch(() => {});
    }, Math.random() * mostHesitationMs).unref();
  };
  await attach(path, unit, onLost);
}

/** Says "ready", again and again while nobody listens; `onLost` is called when a supervisor that listened has gone. */
async function attach(path: string, unit: string, onLost: () => void): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (await sayReady(path, unit, onLost)) return;
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
}

function sayReady(path: string, unit: string, onLost: () => void): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => socket.write(`${JSON.stringify({ op: "ready", unit })}\n`));
    let answered = false;
    socket.once("data", () => {
      answered = true;
      socket.unref();
      resolve(true);
    });
    socket.on("error", () => {});
    socket.once("close", () => {
      if (answered) onLost();
      else resolve(false);
    });
  });
}

/** Starts a supervisor, unless one is there again. If several processes do so at once, all but one of the supervisors end at once. */
async function reviveSupervisor(path: string): Promise<void> {
  const { SLIPWAY_SUPERVISOR_COMMAND: command } = process.env;
  if (command === undefined || (await answers(path))) return;
  const [program, ...args] = JSON.parse(command) as string[];
  const log = openSync(supervisorPaths(dirname(dirname(path))).logFile("supervisor"), "a");
  spawn(program!, args, { detached: true, cwd: "/", stdio: ["ignore", log, log] })
    .on("error", () => {})
    .unref();
  closeSync(log);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
