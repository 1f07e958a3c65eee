// slipway kubectl [--name NAME] ARGUMENT…

import { spawn } from "node:child_process";
import type { Command } from "commander";
import { exitCodes, UserError } from "#shared";
import { findKubeconfig } from "../cluster-files.ts";
import type { CliContext } from "../context.ts";
import { ExitError } from "../exit-error.ts";

export function define(command: Command, context: CliContext, argv: readonly string[]): void {
  command
    .usage("[--name <name>] [arguments...]")
    .argument("[arguments...]", "kubectl's own arguments")
    .allowUnknownOption()
    .helpOption(false)
    // As typed: a "--" among kubectl's arguments must reach it.
    .action(() => kubectl(context, argv.slice(argv.indexOf("kubectl") + 1)));
}

/** Only a leading --name is ours: what follows is kubectl's, whatever it looks like. */
async function kubectl(context: CliContext, words: readonly string[]): Promise<void> {
  const { name, rest } = takeName(words);
  const kubeconfig = findKubeconfig(context, name);
  const env = { ...context.environment, KUBECONFIG: kubeconfig };
  const code = await runKubectl(rest, { env, signal: context.signal, cluster: name });
  if (code !== exitCodes.ok) throw new ExitError(code);
}

interface RunOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly cluster: string | undefined;
}

function runKubectl(words: readonly string[], { env, signal, cluster }: RunOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn("kubectl", words, { stdio: "inherit", env });
    // At a terminal it is interrupted itself; a signal for this process alone is passed on.
    signal.addEventListener("abort", () => child.kill(), { once: true });
    child.once("exit", (code) => resolve(code ?? exitCodes.failed));
    child.once("error", (cause) => {
      const hints = [
        "Install it: https://kubernetes.io/docs/tasks/tools/#kubectl, or your distribution's package.",
        `Any client will do with the cluster's kubeconfig: slipway kubeconfig${cluster ? ` --name ${cluster}` : ""}`,
      ];
      reject(new UserError(`Cannot run kubectl: ${cause.message}`, { hints, exitCode: exitCodes.host, cause }));
    });
  });
}

function takeName(words: readonly string[]): { name?: string; rest: readonly string[] } {
  const [first, second] = words;
  if (first === "--name" && second !== undefined) return { name: second, rest: words.slice(2) };
  if (first?.startsWith("--name=")) return { name: first.slice("--name=".length), rest: words.slice(1) };
  return { rest: words };
}
