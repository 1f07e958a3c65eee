// A real sshd on the loopback, run by the test's own user: keys, port and files are its own, and it ends with the test.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import type { SshAccess } from "../../../src/provision/ssh/client-config.ts";

const program = "/usr/sbin/sshd";

/** Why there can be no sshd here, or one that lets somebody be root; undefined where there can. */
export function whyNoSshd(): string | undefined {
  if (!existsSync(program)) return "openssh-server is not installed";
  return process.getuid?.() === 0 ? undefined : "needs root: who logs in is the test's own user";
}

export interface TestSshd {
  /** How one gets in; the host's key is not known yet. */
  readonly access: SshAccess & {
    readonly port: number;
    readonly knownHostsFile: string;
    readonly identityFile: string;
  };
  readonly folder: string;
  /** Gives it another host key, as if the host had been made anew. */
  changeHostKey(): Promise<void>;
  stop(): Promise<void>;
}

/** `key` is the private key that opens it. Default: one of its own. */
export async function startSshd(key?: string): Promise<TestSshd> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-sshd-"));
  const hostKey = join(folder, "host_key");
  const identityFile = key ?? join(folder, "id");
  if (key === undefined) makeKey(identityFile);
  makeKey(hostKey);
  mkdirSync("/run/sshd", { recursive: true });
  const port = await freePort();
  const config = join(folder, "config");
  writeFileSync(
    config,
    `ListenAddress 127.0.0.1
Port ${port}
HostKey ${hostKey}
AuthorizedKeysFile ${identityFile}.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin yes
SetEnv SHLVL=1
`,
  );
  let stop = await run(config);
  return {
    folder,
    access: {
      kind: "ssh",
      host: "127.0.0.1",
      port,
      user: userInfo().username,
      identityFile,
      knownHostsFile: join(folder, "known_hosts"),
    },
    async changeHostKey() {
      await stop();
      rmSync(hostKey);
      makeKey(hostKey);
      stop = await run(config);
    },
    async stop() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves when it listens. */
async function run(config: string): Promise<() => Promise<void>> {
  const child = spawn(program, ["-D", "-e", "-f", config], { stdio: ["ignore", "ignore", "pipe"] });
  const ended = once(child, "exit");
  let said = "";
  await new Promise<void>((resolve, reject) => {
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString("utf8");
      if (said.includes("Server listening")) resolve();
    });
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`sshd ended: ${said}`)));
  });
  return async () => {
    child.kill();
    await ended;
    // Sessions that it started may hold it open.
    child.stderr.destroy();
  };
}

function makeKey(file: string): void {
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file]);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
