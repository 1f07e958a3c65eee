// resourceVersion parameters: reading them, and refusing those from the future.

import { badRequest, quote, StatusError } from "#kubernetes/api";

/** The revision asked for; 0 for "" and "0". Throws BadRequest. */
export function parseResourceVersion(text: string): number {
  if (text === "" || text === "0") return 0;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const why = /^\d+$/.test(text) ? "value out of range" : "invalid syntax";
  const detail = `resourceVersion: Invalid value: ${quote(text)}: strconv.ParseUint: parsing ${quote(text)}: ${why}`;
  throw badRequest(`invalid resource version: ${detail}`);
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
