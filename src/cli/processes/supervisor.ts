// The supervisor's process: supervisor <cluster folder>

import { runSupervisor } from "#bootstrap";

await runSupervisor(process.argv.at(-1)!);
