// How a run of a plan is shown: JSON lines, a terminal that redraws itself, plain lines, or nothing.

import type { Command } from "commander";
import { type EventListener, renderJson, renderPlain, renderTerminal } from "#turnup";
import type { CliContext } from "./context.ts";

export interface ProgressOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export function addProgressOptions(command: Command): Command {
  return command.option("--json", "print what happens as JSON lines").option("-q, --quiet", "print problems only");
}

/** JSON goes to standard output, as it is what a program asked for; everything else to standard error. */
export function createRenderer(context: CliContext, { json, quiet }: ProgressOptions): EventListener {
  if (json) return renderJson(context.out);
  if (quiet) return () => {};
  if (!context.isTerminal) return renderPlain(context.err);
  return renderTerminal({ write: context.err, columns: context.columns, colours: context.colours });
}

/** Says things to the person, where one listens. */
export function sayer(context: CliContext, { json, quiet }: ProgressOptions): (text: string) => void {
  return json || quiet ? () => {} : context.err;
}
