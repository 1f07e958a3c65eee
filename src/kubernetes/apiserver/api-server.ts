// Puts an API server together: its chain, its registry, what it holds from the start, and its two doors (in process, HTTPS).

import { type ApiHandler, type ApiRequest, type ApiResponse, isStatusError, StatusError } from "#kubernetes/api";
import { silentLogger, systemClock } from "#shared";
import { assemble } from "./assemble.ts";
import type { Answer, Call, Connection } from "./call.ts";
import { serveHttp } from "./http/serve.ts";
import type { Listener, ListenOptions } from "./http/server.ts";
import { makeCall } from "./make-call.ts";
import type { ApiServerOptions } from "./options.ts";
import { toResponse } from "./presentation/in-process.ts";

export interface ApiServer {
  /** Answers requests from code in the same process; those that come before `ready` wait for it. */
  readonly handler: ApiHandler;
  /** Opens a port. May be called several times. */
  listen(options: ListenOptions): Promise<Listener>;
  /** Resolves when everything a fresh server holds is there. */
  readonly ready: Promise<void>;
  /** Ends all watches, closes all ports, lets go of the store (which stays open: it is the caller's). */
  stop(): Promise<void>;
}

/** Starts a server on a store. */
export function createApiServer(options: ApiServerOptions): ApiServer {
  const { clock = systemClock, logger = silentLogger } = options;
  const parts = assemble({ ...options, clock, logger });
  const listeners = new Set<Listener>();
  let isReady = false;
  const ready = parts.start().then(() => {
    isReady = true;
  });
  // Whoever waits for a server that cannot start is told; an unhandled rejection would end the process besides.
  ready.catch((error: unknown) => logger.error({ err: error }, "API server cannot start"));

  const answer = async (request: ApiRequest, connection?: Connection): Promise<{ call: Call; answer: Answer }> => {
    if (!isReady) await ready;
    const call = makeCall(request, connection);
    return { call, answer: await parts.chain(call) };
  };
  return {
    ready,
    handler: async (request): Promise<ApiResponse> => {
      const { call, answer: found } = await answer(request).catch(throwStatusError);
      return toResponse(call, found, clock.now());
    },
    async listen(listenOptions) {
      const listener = await serveHttp(parts, listenOptions, { ...options, clock, logger, ready });
      listeners.add(listener);
      await parts.advertise(listener);
      return { ...listener, close: () => listener.close().finally(() => listeners.delete(listener)) };
    },
    async stop() {
      parts.beginStop();
      await Promise.all([...listeners].map((listener) => listener.close()));
      listeners.clear();
      await ready.catch(() => undefined);
      await parts.stop();
    },
  };
}

function throwStatusError(error: unknown): never {
  throw isStatusError(error) ? error : StatusError.from(error);
}
