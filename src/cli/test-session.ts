// A person at the command line, for tests: a home of their own, what they type, what they read.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { resolveConfig } from "#config";
import { exec, exitCodes, UserError } from "#shared";
import { clusterPaths, writeClusterConfig } from "#turnup";
import { type CliContext, thisInstallation } from "./context.ts";
import { runCli } from "./run.ts";
import type { Keyboard } from "./wizard/keyboard.ts";

export interface Session {
  readonly home: string;
  readonly folder: string;
  run(...argv: string[]): Promise<{ code: number; out: string; err: string }>;
  /** As a person at a terminal who presses these keys. */
  type(keys: readonly string[], ...argv: string[]): Promise<{ code: number; out: string; err: string }>;
  /** As if a cluster of that name had been turned up, and was stopped. Default: with simulated nodes. */
  pretendCluster(name: string, config?: Parameters<typeof resolveConfig>[0]): Promise<void>;
}

export function startSession(
  t: TestContext,
  environment: NodeJS.ProcessEnv = {},
  outside: Partial<Pick<CliContext, "fetch" | "exec" | "programs">> = {},
): Session {
  const folder = mkdtempSync(join(tmpdir(), "slipway-cli-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const home = join(folder, "home");
  const run = async (argv: readonly string[], keys?: readonly string[]) => {
    let out = "";
    let err = "";
    const context: CliContext = {
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
      isTerminal: false,
      colours: false,
      columns: () => 100,
      ...(keys && { openKeyboard: () => fakeKeyboard(keys) }),
      environment: { ...process.env, SLIPWAY_HOME: home, KUBECONFIG: join(folder, "kubeconfig"), ...environment },
      folder,
      programs: thisInstallation,
      fetch,
      exec,
      ...outside,
      signal: new AbortController().signal,
    };
    return { code: await runCli(argv, context), out, err };
  };
  return {
    home,
    folder,
    run: (...argv) => run(argv),
    type: (keys, ...argv) => run(argv, keys),
    async pretendCluster(name, config = { infrastructure: { provider: "local", simulated: true } }) {
      await writeClusterConfig(clusterPaths(home, name), resolveConfig({ ...config, name }));
    },
  };
}

/** Words longer than a letter are keys with a name, all else is typed. */
function fakeKeyboard(keys: readonly string[]): Keyboard {
  const left = [...keys];
  return {
    async next() {
      const name = left.shift();
      if (name === undefined) throw new UserError("interrupted", { exitCode: exitCodes.interrupted });
      return { name, text: name.length === 1 ? name : "", ctrl: false };
    },
    close() {},
  };
}
