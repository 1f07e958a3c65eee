// Calls an API server in the same process: objects are handed over, nothing is encoded. Only what another server answers, which
// the API server passes on, comes as bytes and is read as off a socket.

import type { ApiHandler, UserInfo } from "#kubernetes/api";
import type { Transport } from "./client.ts";
import { readAnswer } from "./http/answers.ts";

/** Requests are made in the name of `user`, whom the server takes as authenticated. */
export function createDirectTransport(handler: ApiHandler, user: UserInfo): Transport {
  return {
    async request(request) {
      const response = await handler({ ...request, user });
      return response.kind === "bytes" ? readAnswer(request, response) : response;
    },
    close: async () => {},
  };
}
