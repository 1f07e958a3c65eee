// Programs of others that render objects: found on the PATH, their version checked, only where a source needs them.

import { CommandFailedError, type Exec, exitCodes, UserError } from "#shared";

export interface ToolSpec {
  /** Prints the version somewhere in what it writes: "v3.18.4". */
  readonly argv: readonly string[];
  /** "3.8": older ones are refused. */
  readonly oldest: string;
}

export interface FoundTool {
  readonly version: string;
}

/** Undefined where the program is not there. Throws UserError where it is too old, or does not tell its version. */
export async function findTool(
  exec: Exec,
  { argv, oldest }: ToolSpec,
  signal: AbortSignal,
): Promise<FoundTool | undefined> {
  const program = argv[0]!;
  let output: string;
  try {
    output = (await exec(argv, { signal })).stdout;
  } catch (error) {
    if (error instanceof CommandFailedError && error.code === undefined) return undefined;
    throw error;
  }
  const version = /v?(\d+\.\d+(\.\d+)?\S*)/.exec(output)?.[1];
  if (version === undefined) {
    throw new UserError(`Cannot use ${program}: it does not tell its version: ${output.trim().slice(0, 100)}`, {
      exitCode: exitCodes.host,
    });
  }
  if (isOlder(version, oldest)) {
    throw new UserError(`Cannot use ${program}: it is ${version}, but ${oldest} or newer is needed`, {
      exitCode: exitCodes.host,
    });
  }
  return { version };
}

export function isOlder(version: string, than: string): boolean {
  const numbers = (text: string) => text.split(/[^\d]+/).map(Number);
  const [own, other] = [numbers(version), numbers(than)];
  for (const [index, part] of other.entries()) {
    const difference = (own[index] ?? 0) - part;
    if (difference !== 0) return difference < 0;
  }
  return false;
}
