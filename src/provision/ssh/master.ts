// The one TCP connection to a machine: an ssh that stays, whose socket the later ones use. It ends with this process, however that ends.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { abortable } from "#shared";
import { renderClientConfig, type SshAccess } from "./client-config.ts";
import { explainFailure } from "./explain-failure.ts";

export interface SshMaster {
  /** Starts a command line that runs what is appended, over the master's connection. */
  readonly argv: readonly string[];
  /** Whether the connection is still there. */
  isOpen(): boolean;
  /** What ssh complained about last. */
  complaint(): string;
  close(): Promise<void>;
}

/** Connects. Throws a UserError where nobody answers, or lets us in. */
export async function openMaster(machine: string, access: SshAccess, signal: AbortSignal): Promise<SshMaster> {
  // Sockets have short paths; ssh puts 17 more characters behind its own while it makes it.
  const folder = await mkdtemp(join(tmpdir().length < 60 ? tmpdir() : "/tmp", "slw-"));
  const config = join(folder, "config");
  await writeFile(config, renderClientConfig(access, [join(homedir(), ".ssh/config"), "/etc/ssh/ssh_config"]));
  const argv = ["ssh", "-F", config, "-S", join(folder, "s")];
  // The command says when all is ready, and ends with its input: with this process.
  const child = spawn("ssh", [...argv.slice(1), "-M", access.host, "echo ready && exec cat"], { detached: true });
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString("utf8")).slice(-4096);
  });
  child.stdin.on("error", () => {});
  const ended = once(child, "close").catch((error: Error) => {
    complaint = error.message;
  });
  let open = true;
  void ended.then(() => {
    open = false;
  });
  const close = async () => {
    child.kill();
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  const ready = new Promise<boolean>((resolve) => child.stdout.once("data", () => resolve(true)));
  try {
    const isReady = await abortable(Promise.race([ready, ended.then(() => false)]), signal);
    if (!isReady) throw explainFailure(machine, access, complaint);
  } catch (error) {
    await close();
    throw error;
  }
  return { argv: [...argv, access.host], isOpen: () => open, complaint: () => complaint, close };
}
