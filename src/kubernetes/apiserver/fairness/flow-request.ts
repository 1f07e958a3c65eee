// What is known of a request that has a place in a flow: dumps show it.

import type { Call } from "../call.ts";
import type { WorkEstimate } from "./work-estimate.ts";

export interface FlowRequest {
  readonly schema: string;
  readonly distinguisher: string;
  readonly work: WorkEstimate;
  readonly call: Call;
  readonly arrivedMs: number;
  /** undefined while it waits. */
  startedMs: number | undefined;
}
