// Turns an answer that is no success into the StatusError it stands for, and reads the bytes of answers.

import { genericError, type Status, StatusError } from "#kubernetes/api";

export interface FailedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** The Status the server sent, or one made from the HTTP status. */
export function failureOf({ status: code, headers }: FailedAnswer, body: Buffer): StatusError {
  const text = body.toString("utf8");
  const isJson = String(headers["content-type"] ?? "").startsWith("application/json");
  const status = isJson ? readStatus(text) : undefined;
  if (status) return StatusError.fromStatus(status);
  return genericError(code, reasonOf(code), text.trim() || `the server answered ${code}`);
}

function readStatus(text: string): Status | undefined {
  try {
    const value = JSON.parse(text) as Status;
    return value.kind === "Status" ? value : undefined;
  } catch {
    return undefined;
  }
}

function reasonOf(status: number): StatusError["reason"] {
  const reasons: Readonly<Record<number, StatusError["reason"]>> = {
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    406: "NotAcceptable",
    409: "Conflict",
    410: "Gone",
    413: "RequestEntityTooLarge",
    415: "UnsupportedMediaType",
    422: "Invalid",
    429: "TooManyRequests",
    500: "InternalError",
    503: "ServiceUnavailable",
    504: "Timeout",
  };
  return reasons[status] ?? "";
}

export async function readAll(body: Uint8Array | AsyncIterable<Uint8Array>): Promise<Buffer> {
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}
