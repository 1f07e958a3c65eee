// slipway config schema

import type { Command } from "commander";
import { configJsonSchema } from "#config";
import type { CliContext } from "../context.ts";

export function define(command: Command, { out }: CliContext): void {
  command.action(() => out(`${JSON.stringify(configJsonSchema(), null, 2)}\n`));
}
