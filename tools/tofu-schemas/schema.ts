// What is kept of a provider's schema: enough to check our files by.

/** One argument: its type, whether it must be given, and a block's own arguments. */
export interface Argument {
  type: string;
  required?: true;
  arguments?: Record<string, Argument>;
}

export interface ResourceSchema {
  readonly arguments: Record<string, Argument>;
  /** What can be asked of it. */
  readonly attributes: readonly string[];
}
