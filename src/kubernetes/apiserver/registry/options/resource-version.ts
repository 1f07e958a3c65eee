// resourceVersion parameters: reading them, and refusing those from the future.

import { badRequest, quote, StatusError } from "#kubernetes/api";

/** The revision asked for; 0 for "" and "0". Throws BadRequest. */
export function parseResourceVersion(text: string): number {
  const problem = explainResourceVersion(text);
  if (problem === undefined) return Number(text);
  throw badRequest(`invalid resource version: resourceVersion: Invalid value: ${quote(text)}: ${problem}`);
}

/** As parseResourceVersion; upstream's watches make a failure of what is no version. */
export function parseWatchVersion(text: string): number {
  const problem = explainResourceVersion(text);
  if (problem === undefined) return Number(text);
  const message = `resourceVersion: Invalid value: ${quote(text)}: ${problem}`;
  throw new StatusError({ code: 500, reason: "", message });
}

/** Why the text is no version, in the words of Go's strconv; undefined: it is one. */
function explainResourceVersion(text: string): string | undefined {
  if (/^\d{0,15}$/.test(text)) return undefined;
  const why = /^\d+$/.test(text) ? "value out of range" : "invalid syntax";
  return `strconv.ParseUint: parsing ${quote(text)}: ${why}`;
}

/** What a client is told that asks for a revision the store has not reached. */
export function tooLargeResourceVersion(asked: number, current: number): StatusError {
  return new StatusError({
    code: 504,
    reason: "Timeout",
    message: `Timeout: Too large resource version: ${asked}, current: ${current}`,
    details: {
      causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
      retryAfterSeconds: 1,
    },
  });
}
