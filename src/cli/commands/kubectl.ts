// slipway kubectl [--name NAME] ARGUMENT…

import { spawn } from "node:child_process";
import { once } from "node:events";
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
  const child = spawn("kubectl", rest, { stdio: "inherit", env: { ...context.environment, KUBECONFIG: kubeconfig } });
  const failed = once(child, "error").then(([error]: unknown[]) => {
    throw new UserError(`Cannot run kubectl: ${(error as Error).message}`, {
      hints: [
        "Install it: https://kubernetes.io/docs/tasks/tools/#kubectl, or your distribution's package.",
        `Any client will do with the cluster's kubeconfig: slipway kubeconfig${name ? ` --name ${name}` : ""}`,
      ],
      exitCode: exitCodes.host,
      cause: error,
    });
  });
  const [code] = (await Promise.race([once(child, "exit"), failed])) as [number | null];
  if (code !== 0) throw new ExitError(code ?? exitCodes.failed);
}

function takeName(words: readonly string[]): { name?: string; rest: readonly string[] } {
  const [first, second] = words;
  if (first === "--name" && second !== undefined) return { name: second, rest: words.slice(2) };
  if (first?.startsWith("--name=")) return { name: first.slice("--name=".length), rest: words.slice(1) };
  return { rest: words };
}
