// The typed client, its transports, and informers.

export type * from "./client.ts";
export type * from "./informer.ts";
