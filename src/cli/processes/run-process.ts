// Runs the main function of a long-running process; a fault at start ends it, said in one line where it is the person's to mend.

import { describeError, UserError } from "#shared";

/** Calls `main` with the process's last argument. */
export function runProcess(main: (argument: string) => Promise<void>): void {
  main(process.argv.at(-1)!).catch((error: unknown) => {
    console.error(error instanceof UserError ? describeError(error) : error);
    process.exit(1);
  });
}
