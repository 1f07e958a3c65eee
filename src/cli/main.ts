// The slipway command's process.

import { exitCodes, UserError } from "#shared";
import { processContext } from "./context.ts";
import { runCli } from "./run.ts";

const abort = new AbortController();
const codes = { SIGINT: exitCodes.interrupted, SIGTERM: exitCodes.terminated, SIGHUP: exitCodes.terminated } as const;
for (const [signal, exitCode] of Object.entries(codes)) {
  process.on(signal, () => {
    // The second time the person means it.
    if (abort.signal.aborted) process.exit(exitCode);
    abort.abort(new UserError(`interrupted (${signal})`, { exitCode }));
  });
}
// A reader that has seen enough, such as head, is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(exitCodes.ok);
  throw error;
});

void runCli(process.argv.slice(2), processContext(abort.signal)).then((code) => {
  process.exitCode = code;
});
