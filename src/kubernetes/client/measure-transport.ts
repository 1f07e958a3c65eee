// A transport whose requests are counted and timed. Nobody waits longer for an answer because of it.

import { StatusError } from "#kubernetes/api";
import type { Transport } from "./client.ts";

export interface MeasuredRequest {
  /** GET, POST, … */
  readonly method: string;
  /** The status of the answer, or "<error>" where there was none, as client-go has it. */
  readonly code: string;
  readonly seconds: number;
}

export function measureTransport(transport: Transport, note: (request: MeasuredRequest) => void): Transport {
  return {
    request(request) {
      const { method } = request;
      const start = performance.now();
      const end = (code: string) => note({ method, code, seconds: (performance.now() - start) / 1000 });
      const answer = transport.request(request);
      answer.then(
        ({ status }) => end(String(status)),
        (error: unknown) => end(error instanceof StatusError ? String(error.code) : "<error>"),
      );
      return answer;
    },
    close: () => transport.close(),
  };
}
