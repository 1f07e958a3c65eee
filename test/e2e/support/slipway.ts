// Runs the real command on this machine, with a home and a kubeconfig of its own.

import { type SpawnOptions, spawn } from "node:child_process";
import { chownSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { findBusybox } from "../../support/containers/oci-image.ts";

export interface CommandResult {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Sandbox {
  readonly home: string;
  readonly kubeconfig: string;
  readonly environment: NodeJS.ProcessEnv;
  /** `slipway` with these arguments. */
  slipway(...args: readonly string[]): Promise<CommandResult>;
  /** As `slipway`, but fails the test where the exit code is not 0. */
  must(...args: readonly string[]): Promise<string>;
  /** Kills the command with SIGKILL after so many milliseconds. */
  killAfter(ms: number, ...args: readonly string[]): Promise<void>;
  kubectl(...args: readonly string[]): Promise<string>;
}

const launcher = join(import.meta.dirname, "../../../slipway");

/** Why containers cannot run here, or false: for the `skip` of tests. */
export function containersMissing(): string | false {
  if (process.platform !== "linux") return `containers need Linux, and this is ${process.platform}`;
  return process.getuid?.() === 0 ? false : "containers need root";
}

/** Why pods of our own image cannot run here, or false. */
export function podsMissing(): string | false {
  return (
    containersMissing() || (findBusybox() ? false : "busybox is not installed (Debian: apt-get install busybox-static)")
  );
}

/** Someone without rights, such as most people on most machines. */
const nobody = 65_534;

export interface SandboxOptions {
  /** Commands run without root, also where the tests have it. */
  readonly withoutRoot?: boolean;
}

/** A sandbox whose clusters are taken down and whose files are removed after the test. */
export function createSandbox(t: TestContext, { withoutRoot = false }: SandboxOptions = {}): Sandbox {
  const folder = mkdtempSync(join(tmpdir(), "slw-"));
  const home = join(folder, "home");
  const kubeconfig = join(folder, "kubeconfig");
  const environment = { ...process.env, SLIPWAY_HOME: home, KUBECONFIG: kubeconfig, HOME: folder };
  const dropsRights = withoutRoot && process.getuid?.() === 0;
  const identity = dropsRights ? { uid: nobody, gid: nobody } : {};
  if (dropsRights) chownSync(folder, nobody, nobody);
  const run = (argv: readonly string[], killAfterMs?: number): Promise<CommandResult> =>
    runProgram(argv, { env: environment, ...identity }, killAfterMs);
  const must = async (argv: readonly string[]) => {
    const { code, out, err } = await run(argv);
    if (code !== 0) throw new Error(`"${argv.join(" ")}" ended with ${code}:\n${err}${out}`);
    return out;
  };
  const sandbox: Sandbox = {
    home,
    kubeconfig,
    environment,
    slipway: (...args) => run([launcher, ...args]),
    must: (...args) => must([launcher, ...args]),
    killAfter: async (ms, ...args) => void (await run([launcher, ...args], ms)),
    kubectl: (...args) => must([launcher, "kubectl", ...args]),
  };
  t.after(async () => {
    const clusters = JSON.parse(await sandbox.must("get-clusters", "--json")) as string[];
    for (const name of clusters) await sandbox.slipway("down", "--name", name);
    rmSync(folder, { recursive: true, force: true });
  });
  return sandbox;
}

/** Builds what the launcher runs, which only the owner of the sources can. */
export async function buildFirst(): Promise<void> {
  const { code, err } = await runProgram([launcher, "version"], {});
  if (code !== 0) throw new Error(`the launcher ended with ${code}:\n${err}`);
}

/** Runs a program to its end. */
export function runProgram(
  argv: readonly string[],
  options: SpawnOptions,
  killAfterMs?: number,
): Promise<CommandResult> {
  const [program, ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program!, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    let out = "";
    let err = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      out += chunk;
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      err += chunk;
    });
    const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), killAfterMs);
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(timer);
      resolve({ code, out, err });
    });
  });
}
