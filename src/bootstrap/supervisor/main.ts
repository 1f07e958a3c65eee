// The supervisor's process: `supervisor <cluster folder>`. SIGTERM stops the units and ends; when it is killed the units live on,
// and the next supervisor takes them over.

import { closeSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { createLogger, describeError, systemClock, takeLock } from "#shared";
import { createLauncher } from "./launcher.ts";
import { supervisorPaths } from "./paths.ts";
import { rotateLogs } from "./rotate-logs.ts";
import { serveSupervisor } from "./server.ts";
import { createSupervisor } from "./supervisor.ts";

const rotateEveryMs = 60_000;
/** Where launch.ts reads that requests are taken; closed or absent when someone else started this process. */
const readyPipe = 3;

export async function runSupervisor(clusterFolder: string): Promise<void> {
  const paths = supervisorPaths(clusterFolder);
  const logger = createLogger({ name: "supervisor" });
  process.title = `slipway: supervisor ${clusterFolder}`;
  const release = takeLock(paths.lock, "supervisor");
  const launcher = createLauncher({ logFile: paths.logFile, env: { SLIPWAY_SUPERVISOR: paths.socket } });
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

function announce(): void {
  try {
    writeSync(readyPipe, "ready\n");
    closeSync(readyPipe);
  } catch {
    // Nobody waits.
  }
}
