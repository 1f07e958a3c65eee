// Starts a cluster's supervisor so that it outlives this command: as a systemd unit where systemd runs, so that a reboot brings the
// cluster back; elsewhere as a detached process.

import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  abortable,
  type Exec,
  exec,
  readFileIfExists,
  systemClock,
  tryTakeLock,
  UserError,
  writeFileAtomic,
} from "#shared";
import { awaitSocket } from "./await-socket.ts";
import { askSupervisor, supervisorStatus } from "./client.ts";
import { createLauncher, type RunningProcess } from "./launcher.ts";
import { type SupervisorPaths, supervisorPaths } from "./paths.ts";
import { readNotes } from "./supervisor.ts";

export interface SupervisorLaunch {
  readonly cluster: string;
  readonly clusterFolder: string;
  /** The supervisor's command line. */
  readonly argv: readonly string[];
  /** What must be run before the supervisor after a boot, when networks and namespaces are gone. */
  readonly prepareArgv: readonly string[];
  readonly signal: AbortSignal;
}

/** Starts the supervisor, unless one runs; resolves when it takes requests. */
export async function startSupervisor(launch: SupervisorLaunch): Promise<void> {
  if (await supervisorStatus(launch.clusterFolder)) return;
  if (usesSystemd()) await startSystemdUnit(launch);
  else await startDetached(launch);
}

/**
 * Stops all units and the supervisor, also where that was killed before; fine where nothing runs. Nothing starts it again: not a boot,
 * and, while this process lives, not a unit that misses it (this process holds its lock).
 */
export async function stopSupervisor(cluster: string, clusterFolder: string): Promise<void> {
  if (usesSystemd()) await removeSystemdUnit(cluster);
  const paths = supervisorPaths(clusterFolder);
  while (!(await askSupervisor(clusterFolder, { op: "shutdown" }))) {
    // One that holds the lock and does not answer is just starting.
    if (tryTakeLock(paths.lock, "down")) return endOrphans(paths);
    await systemClock.sleep(startingRetryMs);
  }
}

const startingRetryMs = 20;

/** What a supervisor that was killed has left running. */
async function endOrphans(paths: SupervisorPaths): Promise<void> {
  const { adopt } = createLauncher({ logFile: paths.logFile, environmentOf: () => ({}) });
  const orphans = Object.values(readNotes(paths)).map(({ identity }) => adopt(identity));
  await Promise.all(orphans.filter((orphan) => orphan !== undefined).map(endProcess));
}

const endTimeoutMs = 10_000;

async function endProcess(orphan: RunningProcess): Promise<void> {
  orphan.kill("SIGTERM");
  const cancel = systemClock.after(endTimeoutMs, () => orphan.kill("SIGKILL"));
  await orphan.exited;
  cancel();
}

/** PID 1 is systemd, and we may tell it what to do. */
export function usesSystemd(): boolean {
  return process.getuid?.() === 0 && existsSync("/run/systemd/system");
}

async function startDetached({ clusterFolder, argv, signal }: SupervisorLaunch): Promise<void> {
  const path = supervisorPaths(clusterFolder).logFile("supervisor");
  mkdirSync(dirname(path), { recursive: true });
  const log = openSync(path, "a");
  const [program, ...args] = argv;
  const child = spawn(program!, args, {
    detached: true,
    cwd: "/",
    env: { ...process.env, SLIPWAY_READY_PIPE: "3" },
    stdio: ["ignore", log, log, "pipe"],
  });
  closeSync(log);
  const pipe = child.stdio[3]!;
  try {
    await abortable(
      new Promise<void>((resolve, reject) => {
        pipe.once("data", () => resolve());
        child.once("error", reject);
        child.once("exit", (code) =>
          reject(new UserError(`the supervisor ended at once (exit code ${code})`, { hints: [`See ${path}.`] })),
        );
      }),
      signal,
    );
  } finally {
    pipe.destroy();
    child.unref();
  }
}

const unitFolder = "/etc/systemd/system";

function unitName(cluster: string): string {
  return `slipway-${cluster}.service`;
}

async function startSystemdUnit(launch: SupervisorLaunch, run: Exec = exec): Promise<void> {
  const path = join(unitFolder, unitName(launch.cluster));
  const content = renderSystemdUnit(launch);
  if ((await readFileIfExists(path)) !== content) {
    await writeFileAtomic(path, content);
    await run(["systemctl", "daemon-reload"]);
  }
  await run(["systemctl", "enable", "--now", "--quiet", unitName(launch.cluster)], { signal: launch.signal });
  await awaitSocket(supervisorPaths(launch.clusterFolder).socket, launch.signal);
}

async function removeSystemdUnit(cluster: string, run: Exec = exec): Promise<void> {
  const path = join(unitFolder, unitName(cluster));
  if (!existsSync(path)) return;
  await run(["systemctl", "disable", "--now", "--quiet", unitName(cluster)]);
  await rm(path, { force: true });
  await run(["systemctl", "daemon-reload"]);
}

/** The unit's text. KillMode=process: units outlive a supervisor that crashes; one that is stopped stops them itself. */
export function renderSystemdUnit({
  cluster,
  clusterFolder,
  argv,
  prepareArgv,
}: Omit<SupervisorLaunch, "signal">): string {
  return `[Unit]
Description=Slipway cluster ${cluster}
After=network-online.target
Wants=network-online.target

[Service]
Type=exec
ExecStartPre=${quoteArguments(prepareArgv)}
ExecStart=${quoteArguments(argv)}
Restart=always
RestartSec=1
KillMode=process
TimeoutStopSec=60
Delegate=yes
TasksMax=infinity
LimitNOFILE=1048576
OOMScoreAdjust=-900
StandardOutput=append:${supervisorPaths(clusterFolder).logFile("supervisor")}
StandardError=inherit

[Install]
WantedBy=multi-user.target
`;
}

/** As systemd's command lines want it: quoted, with % and $ doubled. */
function quoteArguments(argv: readonly string[]): string {
  return argv
    .map(
      (word) =>
        `"${word
          .replace(/(["\\])/g, "\\$1")
          .replace(/%/g, "%%")
          .replace(/\$/g, "$$$$")}"`,
    )
    .join(" ");
}
