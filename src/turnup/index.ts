// The plan, the engine that runs it, the journal, the event stream.

export type * from "./step.ts";
