// The answers of a real server, recorded scenario by scenario (test/fixtures/recordings).

import { readFileSync } from "node:fs";

/** Method, path, body, headers, and what to keep from the answer under which name. A WAIT gives the server a moment. */
export type RecordedRequest = readonly [
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string | null>> | null,
  kept?: Readonly<Record<string, string>>,
];

export interface RecordedStep {
  readonly request: RecordedRequest;
  /** With what is free to differ masked; {} of a WAIT. */
  readonly answer: Answer | Record<string, never>;
}

export interface Answer {
  readonly status: number;
  /** The media type of the body; in process there is none. */
  readonly type?: string;
  readonly warning?: readonly string[];
  /** One JSON value; or several, a line each; or text. */
  readonly body?: unknown;
  readonly stream?: readonly unknown[];
  readonly text?: string;
}

export type Recordings = Readonly<Record<string, readonly RecordedStep[]>>;

const path = new URL("../../fixtures/recordings/kubernetes-1.36.json", import.meta.url);

export function readRecordings(): Recordings {
  return JSON.parse(readFileSync(path, "utf8")) as Recordings;
}
