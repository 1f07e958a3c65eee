// slipway kubeconfig

import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { addNameOption } from "../cluster.ts";
import { findKubeconfig } from "../cluster-files.ts";
import type { CliContext } from "../context.ts";

export function define(command: Command, context: CliContext): void {
  addNameOption(command).action(({ name }: { name?: string }) => {
    context.out(readFileSync(findKubeconfig(context, name), "utf8"));
  });
}
