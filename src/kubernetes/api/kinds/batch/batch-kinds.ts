// The kinds of batch/v1.

import type { KindDefinition } from "../kind-definition.ts";
import { cronJob } from "./cron-job.ts";
import { job } from "./job.ts";

export const batchKinds: readonly KindDefinition[] = [cronJob, job];
