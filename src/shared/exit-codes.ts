// The exit codes of the command line, graded so that a script can tell what kind of help is needed.

/** 1 is anything not named here; 130 and 143 follow the shells' habit for signals. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  /** A wrong flag, argument or command. */
  usage: 2,
  /** The configuration file, or what the flags make of it, is wrong. */
  config: 3,
  /** There is no such cluster, node or file. */
  notFound: 4,
  /** Another slipway is working on the same cluster, or a name or port is taken. */
  conflict: 5,
  /** The machine lacks something: rights, tools, space. */
  host: 10,
  /** Phases of `up` and `down` that did not reach their end. */
  provision: 20,
  bootstrap: 30,
  addons: 40,
  verify: 50,
  interrupted: 130,
  terminated: 143,
} as const;
