// Runs the nft program: transactions in, what there is out.

import { CommandFailedError, type Exec } from "#shared";

export interface Nft {
  /** Carries out commands, all of them or none. Throws CommandFailedError when the kernel or nft refuses. */
  apply(commands: string, signal?: AbortSignal): Promise<void>;
  /** What `nft --json list WHAT` shows; undefined where there is no such thing. */
  list(what: readonly string[], options?: ListOptions): Promise<readonly NftObject[] | undefined>;
}

export interface ListOptions {
  /** Sets and maps are shown without their elements. */
  readonly terse?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** One object of nft's JSON, such as { set: { name, table, elem } }. */
export type NftObject = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export function createNft(exec: Exec): Nft {
  return {
    async apply(commands, signal) {
      await exec(["nft", "-f", "-"], { input: commands, ...(signal && { signal }) });
    },
    async list(what, { terse = false, signal } = {}) {
      const argv = ["nft", "--json", ...(terse ? ["--terse"] : []), "list", ...what];
      try {
        const { stdout } = await exec(argv, signal ? { signal } : {});
        return (JSON.parse(stdout) as { nftables: NftObject[] }).nftables;
      } catch (error) {
        if (error instanceof CommandFailedError && /No such file or directory/.test(error.stderr)) return undefined;
        throw error;
      }
    },
  };
}

const longestReason = 300;

/** Why a transaction was refused, short enough for a log line: nft repeats the whole command it stumbled over. */
export function describeRefusal(error: unknown): string {
  if (!(error instanceof CommandFailedError)) return String(error);
  const line = error.stderr.split("\n").find((text) => text.includes("Error:")) ?? error.message;
  return line.slice(0, longestReason);
}
