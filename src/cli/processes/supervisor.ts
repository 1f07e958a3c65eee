// The supervisor's process: supervisor <cluster folder>

import { runSupervisor } from "#bootstrap";
import { runProcess } from "./run-process.ts";

runProcess(runSupervisor);
