// The agent's process: agent <file of options>

import { runAgent } from "#agent";
import { runProcess } from "./run-process.ts";

runProcess(runAgent);
