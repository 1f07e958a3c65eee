// A command of the command line: a file in commands/, named as it is typed.

import type { Command } from "commander";
import type { CliContext } from "./context.ts";

export interface CommandModule {
  /** Adds arguments, options and the action to the command, which already has its name and description. `argv` is all that was typed. */
  define(command: Command, context: CliContext, argv: readonly string[]): void;
}

export interface CommandEntry {
  readonly description: string;
  /** Loads the module when the command is really run: help and the other commands need not wait for it. */
  load(): Promise<CommandModule>;
}
