// The versioned store: one contract, its engines, and the suite every engine runs.

export * from "./store.ts";
