// What requests to the kubelet ask for in their query.

import { type LogRequest, ServerError } from "./host.ts";
import type { ExecStreams } from "./streaming/websocket-exec.ts";

/** The streams of an exec or attach. Throws ServerError where none is asked for. */
export function readStreams(query: URLSearchParams): ExecStreams {
  const has = (name: string) => query.get(name) === "1" || query.get(name) === "true";
  const tty = has("tty");
  // A terminal has one stream for both.
  const streams = { stdin: has("input"), stdout: has("output"), stderr: has("error") && !tty, tty };
  if (streams.stdin || streams.stdout || streams.stderr) return streams;
  throw new ServerError(400, "you must specify at least 1 of stdin, stdout, stderr");
}

/** The options of a request for logs. Throws ServerError for what is no number or time. */
export function readLogRequest(container: string, query: URLSearchParams, nowMs: number): LogRequest {
  const tail = query.get("tail") ?? query.get("tailLines") ?? undefined;
  const sinceSeconds = readNumber(query, "sinceSeconds", 1);
  const sinceTime = query.get("sinceTime");
  const since = sinceTime
    ? Date.parse(sinceTime)
    : sinceSeconds === undefined
      ? undefined
      : nowMs - sinceSeconds * 1000;
  if (Number.isNaN(since)) throw invalid();
  const tailLines = tail === undefined || tail === "all" || tail === "" ? undefined : Number(tail);
  if (tailLines !== undefined && !(Number.isInteger(tailLines) && tailLines >= 0)) throw invalid();
  const limitBytes = readNumber(query, "limitBytes", 1);
  return {
    container,
    previous: readFlag(query, "previous"),
    follow: readFlag(query, "follow"),
    timestamps: readFlag(query, "timestamps"),
    ...(tailLines !== undefined && { tailLines }),
    ...(limitBytes !== undefined && { limitBytes }),
    ...(since !== undefined && { sinceMs: since }),
    ...readStream(query),
  };
}

function readStream(query: URLSearchParams): Pick<LogRequest, "stream"> {
  const stream = query.get("stream") ?? "All";
  if (stream === "All") return {};
  if (stream === "Stdout") return { stream: "stdout" };
  if (stream === "Stderr") return { stream: "stderr" };
  throw new ServerError(400, `invalid stream type ${JSON.stringify(stream)}`);
}

function readFlag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value === "true" || value === "1";
}

function readNumber(query: URLSearchParams, name: string, least: number): number | undefined {
  const text = query.get(name);
  if (text === null || text === "") return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) throw invalid();
  return value;
}

function invalid(): ServerError {
  return new ServerError(422, '{"message": "Invalid request."}');
}
