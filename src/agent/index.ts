// The agent: everything of a node but its container runtime, in one process.

export { type Agent, createAgent } from "./agent.ts";
export { runAgent } from "./main.ts";
