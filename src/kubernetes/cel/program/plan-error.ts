// What stops an expression from becoming a program.

/** The message says why, in cel-go's words. */
export class PlanError extends Error {}
