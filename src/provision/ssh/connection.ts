// A machine reached by the system's OpenSSH client: commands as root, files whole or not at all. One connection carries everything.

import { randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import {
  anyCode,
  CommandFailedError,
  type Exec,
  type ExecOptions,
  exec,
  exitCodes,
  hashFile,
  onAbort,
  UserError,
} from "#shared";
import type { Machine, MachineConnection } from "../provider.ts";
import type { SshAccess } from "./client-config.ts";
import { destination, explainFailure } from "./explain-failure.ts";
import { openMaster, type SshMaster } from "./master.ts";
import { quoteArguments } from "./quote.ts";
import { killScript, readScript, receiveScript } from "./scripts.ts";

/** Connects and makes sure that one is root there, on Linux. */
export async function connectSshMachine(
  machine: Pick<Machine, "name">,
  access: SshAccess,
  signal: AbortSignal,
): Promise<MachineConnection> {
  const master = await openMaster(machine.name, access, signal);
  try {
    const kills = new Set<Promise<unknown>>();
    const run = createExec(machine.name, { access, master, kills });
    await checkRights(machine.name, access, run, signal);
    const close = async () => {
      await Promise.all(kills);
      await master.close();
    };
    return { exec: run, ...createFiles(run), close };
  } catch (error) {
    await master.close();
    throw error;
  }
}

/** A machine that does not answer is not waited for any longer. */
const killTimeoutMs = 10_000;

/** What ssh itself ends with; a command may do so as well. */
const sshFailed = 255;

interface OpenConnection {
  readonly access: SshAccess;
  readonly master: SshMaster;
  /** Under way: what ends commands there. They need the connection until they have ended. */
  readonly kills: Set<Promise<unknown>>;
}

function createExec(machine: string, { access, master, kills }: OpenConnection): Exec {
  const become = access.sudo ? ["sudo", "-n", "--"] : [];
  return async (argv, options = {}) => {
    const { signal, okCodes = [0], cwd, env, ...input } = options;
    signal?.throwIfAborted();
    const mark = `SLIPWAY_COMMAND=${randomBytes(12).toString("hex")}`;
    const words = [...become, "env", ...environment(env), mark, ...inFolder(cwd, argv)];
    const release = onAbort(signal, () => {
      // Without a terminal nothing ends a command there when its connection ends.
      const argv = [...master.argv, quoteArguments([...become, "sh", "-c", killScript, "sh", mark])];
      const kill: Promise<unknown> = exec(argv, { signal: AbortSignal.timeout(killTimeoutMs) })
        .catch(() => {})
        .finally(() => kills.delete(kill));
      kills.add(kill);
    });
    try {
      const result = await exec([...master.argv, quoteArguments(words)], { ...input, signal, okCodes: anyCode });
      if (okCodes.includes(result.code)) return result;
      if (result.code === sshFailed && !master.isOpen()) {
        throw explainFailure(machine, access, `${master.complaint()}\n${result.stderr}`);
      }
      throw new CommandFailedError(argv, result.code, result.stdout, result.stderr, `exit code ${result.code}`);
    } finally {
      release();
    }
  };
}

function environment(env: ExecOptions["env"] = {}): string[] {
  const gone = Object.keys(env).filter((name) => env[name] === undefined);
  const set = Object.entries(env).filter(([, value]) => value !== undefined);
  return [...gone.flatMap((name) => ["-u", name]), ...set.map(([name, value]) => `${name}=${value}`)];
}

function inFolder(cwd: string | undefined, argv: readonly string[]): readonly string[] {
  return cwd === undefined ? argv : ["sh", "-c", 'cd "$0" && exec "$@"', cwd, ...argv];
}

function createFiles(run: Exec): Pick<MachineConnection, "writeFile" | "readFile" | "uploadFile"> {
  const receive = (path: string, mode: number, size: number) => [
    ...["sh", "-c", receiveScript, "sh"],
    ...[path, mode.toString(8), String(size)],
  ];
  return {
    async writeFile(path, content, mode = 0o644) {
      await run(receive(path, mode, Buffer.byteLength(content)), { input: content });
    },
    async readFile(path) {
      const { code, stdout } = await run(["sh", "-c", readScript, "sh", path], { okCodes: [0, noFile] });
      return code === noFile ? undefined : Buffer.from(stdout, "base64");
    },
    async uploadFile(localPath, path, mode = 0o644) {
      const there = await run(["sha256sum", "--", path], { okCodes: [0, 1] });
      if (there.code === 0 && there.stdout.replace(/^\\/, "").startsWith(await hashFile(localPath))) {
        await run(["chmod", mode.toString(8), path]);
        return;
      }
      await run(receive(path, mode, statSync(localPath).size), { inputFile: localPath });
    },
  };
}

/** What readScript ends with where there is no such file. */
const noFile = 44;

async function checkRights(machine: string, access: SshAccess, run: Exec, signal: AbortSignal): Promise<void> {
  const where = `${machine} (${destination(access)})`;
  const refuse = (state: string, ...hints: string[]) =>
    new UserError(`Cannot use machine ${where}: ${state}`, { hints, exitCode: exitCodes.provision });
  const user = access.user ?? "the user";
  const result = await run(["sh", "-c", "uname -s && id -u"], { signal, okCodes: anyCode });
  if (access.sudo && result.code !== 0) {
    const missing = /not found/.test(result.stderr);
    throw refuse(
      missing ? "there is no sudo" : `sudo does not let ${user} be root without a password`,
      missing
        ? "Install sudo there, or log in as root."
        : `Allow it there: echo '${access.user ?? "USER"} ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/slipway`,
    );
  }
  const [system = "", uid = ""] = result.stdout.trim().split("\n");
  if (system !== "Linux") throw refuse(`it runs ${system === "" ? "no system we know" : system}, not Linux`);
  if (uid !== "0") throw refuse(`${user} is not root there`, "Log in as root, or set infrastructure.sudo.");
}
