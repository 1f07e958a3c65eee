// What is run on a machine that is elsewhere while it is set up, and when it is left: machine <file of settings>

import { runMachine } from "#bootstrap";
import { runProcess } from "./run-process.ts";

runProcess(runMachine);
