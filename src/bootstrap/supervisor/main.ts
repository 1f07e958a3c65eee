// The supervisor's process: `supervisor <cluster folder>`. SIGTERM stops the units and ends; when it is killed the units live on,
// and the next supervisor takes them over.

import { closeSync, existsSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { createLogger, describeError, systemClock, tryTakeLock } from "#shared";
import { createLauncher } from "./launcher.ts";
import { type SupervisorPaths, supervisorPaths } from "./paths.ts";
import { rotateLogs } from "./rotate-logs.ts";
import { serveSupervisor } from "./server.ts";
import { createSupervisor } from "./supervisor.ts";
import type { UnitSpec } from "./unit.ts";

const rotateEveryMs = 60_000;
export async function runSupervisor(clusterFolder: string): Promise<void> {
  const paths = supervisorPaths(clusterFolder);
  const logger = createLogger({ name: "supervisor" });
  process.title = `slipway: supervisor ${clusterFolder}`;
  // Of several that were started at once one stays; and none for a cluster that has gone meanwhile.
  const release = existsSync(clusterFolder) ? tryTakeLock(paths.lock, "supervisor") : undefined;
  if (!release) return logger.info("is not needed: another one runs, or the cluster has gone");
  const launcher = createLauncher({ logFile: paths.logFile, environmentOf: (spec) => environmentOf(spec, paths) });
  const supervisor = createSupervisor({ paths, launcher, clock: systemClock, logger });
  const server = await serveSupervisor(paths.socket, supervisor, () => end("asked to"));

  const rotation = setInterval(() => {
    rotateLogs(dirname(paths.logFile("any"))).catch((error) =>
      logger.warn({ error: describeError(error) }, "cannot rotate logs"),
    );
  }, rotateEveryMs);
  const end = (reason: string) => {
    logger.info({ reason }, "ends");
    clearInterval(rotation);
    server.close();
    release();
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => void supervisor.stopAll().then(() => end(signal)));
  }
  process.on("SIGHUP", () => {});
  supervisor.startAll();
  logger.info({ pid: process.pid, units: supervisor.status().length }, "supervises");
  announce();
}

/** Tells launch.ts, by the pipe it named, that requests are taken. */
function announce(): void {
  const { SLIPWAY_READY_PIPE: pipe } = process.env;
  if (pipe === undefined) return;
  delete process.env["SLIPWAY_READY_PIPE"];
  writeSync(Number(pipe), "ready\n");
  closeSync(Number(pipe));
}

/** Under systemd it is systemd that starts a supervisor again. */
function environmentOf(spec: UnitSpec, paths: SupervisorPaths): Record<string, string> {
  const revives = spec.revivesSupervisor && process.env["INVOCATION_ID"] === undefined;
  const command = JSON.stringify([process.execPath, ...process.argv.slice(1)]);
  return { SLIPWAY_SUPERVISOR: paths.socket, ...(revives && { SLIPWAY_SUPERVISOR_COMMAND: command }) };
}
