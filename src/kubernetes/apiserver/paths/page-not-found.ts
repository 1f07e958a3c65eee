// What the server says of paths it knows nothing about: plain text, as Go's HTTP server does.

import type { BytesAnswer } from "../call.ts";

export const pageNotFound: BytesAnswer = textAnswer(404, "404 page not found\n", {
  "x-content-type-options": "nosniff",
});

/** An answer in plain text. */
export function textAnswer(status: number, text: string, headers: Readonly<Record<string, string>> = {}): BytesAnswer {
  return {
    kind: "bytes",
    status,
    headers: { "content-type": "text/plain; charset=utf-8", ...headers },
    body: Buffer.from(text),
  };
}
