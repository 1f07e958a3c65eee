// The agent's process: agent <file of options>

import { runAgent } from "#agent";
import { nodeVersion } from "../node-version.ts";
import { runProcess } from "./run-process.ts";

runProcess((file) => runAgent(file, nodeVersion));
