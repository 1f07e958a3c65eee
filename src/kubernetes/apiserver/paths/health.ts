// /healthz, /livez and /readyz: each the sum of named checks, which can be asked for by themselves and left out.

import type { BytesAnswer, Call, Handler } from "../call.ts";
import { textAnswer } from "./page-not-found.ts";

/** Throws, or rejects, while not well. */
export interface HealthCheck {
  readonly name: string;
  check(): void | Promise<void>;
}

const noSniffing = { "x-content-type-options": "nosniff" };

/** The answers below `/healthz` and its like: the whole, and every check by its name. */
export function healthHandlers(endpoint: string, checks: readonly HealthCheck[]): Readonly<Record<string, Handler>> {
  const handlers: Record<string, Handler> = { [`/${endpoint}`]: (call) => answerAll(endpoint, checks, call) };
  for (const check of checks) handlers[`/${endpoint}/${check.name}`] = () => answerOne(check);
  return handlers;
}

async function answerOne(check: HealthCheck): Promise<BytesAnswer> {
  const error = await failureOf(check);
  return error === undefined ? textAnswer(200, "ok") : textAnswer(500, `internal server error: ${error}\n`, noSniffing);
}

async function answerAll(endpoint: string, checks: readonly HealthCheck[], call: Call): Promise<BytesAnswer> {
  const excluded = new Set(call.request.query.getAll("exclude"));
  const failed: string[] = [];
  let report = "";
  for (const check of checks) {
    if (excluded.delete(check.name)) {
      report += `[+]${check.name} excluded: ok\n`;
    } else if ((await failureOf(check)) === undefined) {
      report += `[+]${check.name} ok\n`;
    } else {
      // Why is for the log: whoever asks here need not be trusted.
      report += `[-]${check.name} failed: reason withheld\n`;
      failed.push(check.name);
    }
  }
  if (excluded.size > 0) {
    const names = [...excluded]
      .sort()
      .map((name) => JSON.stringify(name))
      .join(", ");
    report += `warn: some health checks cannot be excluded: no matches for ${names}\n`;
  }
  if (failed.length > 0) return textAnswer(500, `${report}${endpoint} check failed\n`, noSniffing);
  return textAnswer(200, call.request.query.has("verbose") ? `${report}${endpoint} check passed\n` : "ok", noSniffing);
}

async function failureOf(check: HealthCheck): Promise<string | undefined> {
  try {
    await check.check();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
