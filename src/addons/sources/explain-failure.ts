// What a program of others complained about, as an error for people.

import { CommandFailedError, exitCodes, UserError } from "#shared";

/** Anything but a program's failure comes back as it is. */
export function explainFailure(what: string, error: unknown): unknown {
  if (!(error instanceof CommandFailedError)) return error;
  const said = (error.stderr.trim() || error.stdout.trim()).replace(/^error: /i, "");
  return new UserError(`${what}: ${said || error.message}`, { exitCode: exitCodes.addons, cause: error });
}
