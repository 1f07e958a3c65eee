// The control plane's process: control-plane <file of options>

import { runControlPlane } from "#controlplane";
import { runProcess } from "./run-process.ts";

runProcess(runControlPlane);
