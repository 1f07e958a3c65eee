// /healthz, /livez and /readyz: each the sum of named checks, which can be asked for by themselves and left out. Which checks there
// are is told by health-checks.ts.

import { quote } from "#kubernetes/api";
import type { BytesAnswer, Call, Handler } from "../call.ts";
import { textAnswer } from "./page-not-found.ts";

/** Throws, or rejects, while not well. */
export interface HealthCheck {
  readonly name: string;
  check(): void | Promise<void>;
}

/** Told of every check that is run for a whole; one asked for by itself is not counted, as upstream. */
export type NoteCheck = (name: string, endpoint: string, passes: boolean) => void;

const unsniffed = { "x-content-type-options": "nosniff" };

/** The answers below `/healthz` and its like: the whole, and every check by its name. */
export function healthHandlers(
  endpoint: string,
  checks: readonly HealthCheck[],
  note: NoteCheck,
): Readonly<Record<string, Handler>> {
  const handlers: Record<string, Handler> = {
    [`/${endpoint}`]: (call) => answerAll(endpoint, checks, call, note),
  };
  for (const check of checks) handlers[`/${endpoint}/${check.name}`] = () => answerOne(check);
  return handlers;
}

async function answerOne(check: HealthCheck): Promise<BytesAnswer> {
  const error = await failureOf(check);
  return error === undefined ? textAnswer(200, "ok") : textAnswer(500, `internal server error: ${error}\n`, unsniffed);
}

async function answerAll(
  endpoint: string,
  checks: readonly HealthCheck[],
  call: Call,
  note: NoteCheck,
): Promise<BytesAnswer> {
  const { query } = call.request;
  const excluded = new Set(query.getAll("exclude"));
  let report = "";
  let isWell = true;
  for (const check of checks) {
    if (excluded.has(check.name)) {
      report += `[+]${check.name} excluded: ok\n`;
      continue;
    }
    const passes = (await failureOf(check)) === undefined;
    note(check.name, endpoint, passes);
    // Why it fails is not told: whoever asks here need not be trusted.
    report += passes ? `[+]${check.name} ok\n` : `[-]${check.name} failed: reason withheld\n`;
    isWell &&= passes;
  }
  report += warnOfUnknown(excluded, checks);
  if (!isWell) return textAnswer(500, `${report}${endpoint} check failed\n`, unsniffed);
  return textAnswer(200, query.has("verbose") ? `${report}${endpoint} check passed\n` : "ok", unsniffed);
}

function warnOfUnknown(excluded: ReadonlySet<string>, checks: readonly HealthCheck[]): string {
  const known = new Set(checks.map(({ name }) => name));
  const unknown = [...excluded].filter((name) => !known.has(name)).sort();
  if (unknown.length === 0) return "";
  return `warn: some health checks cannot be excluded: no matches for ${unknown.map(quote).join(",")}\n`;
}

async function failureOf(check: HealthCheck): Promise<string | undefined> {
  try {
    await check.check();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
