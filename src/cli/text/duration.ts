// Durations as people type them: 90s, 30m, 24h, 7d.

import { exitCodes, UserError } from "#shared";

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** In milliseconds; undefined for "0", which means for ever. Throws a UserError for what is none. */
export function parseDuration(text: string, option: string): number | undefined {
  if (text === "0") return undefined;
  const [, count, unit] = /^(\d+)([smhd])$/.exec(text) ?? [];
  if (count !== undefined && unit !== undefined) return Number(count) * unitMs[unit]!;
  throw new UserError(`Cannot use ${option} ${text}: it must be such as 90s, 10m, 24h or 7d, or 0 for no end`, {
    exitCode: exitCodes.usage,
  });
}
