// The call of a request, before anybody has looked at it.

import { type ApiRequest, internalError } from "#kubernetes/api";
import { anonymousUser } from "./authentication/users.ts";
import type { Call, Connection } from "./call.ts";
import { readRequestInfo } from "./request-info.ts";

/** Throws an InternalError for a path nothing can be made of. */
export function makeCall(request: ApiRequest, connection: Connection | undefined): Call {
  try {
    const info = readRequestInfo(request);
    return { request, info, user: anonymousUser, warnings: [], ...(connection && { connection }) };
  } catch (error) {
    throw internalError((error as Error).message, error);
  }
}
