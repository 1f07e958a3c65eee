// slipway node cordon

import type { Command } from "commander";
import type { CliContext } from "../../context.ts";
import { defineCordon } from "../../node/cordon-node.ts";

export function define(command: Command, context: CliContext): void {
  defineCordon(command, context, { schedulable: false });
}
