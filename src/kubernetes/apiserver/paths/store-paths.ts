// The care of the data, for whoever may use these paths (cluster-admin): a snapshot to take away, compaction, defragmentation.

import { genericError } from "#kubernetes/api";
import type { Store } from "#kubernetes/store";
import type { Handler } from "../call.ts";
import type { StoreUpkeep } from "../options.ts";

/** By path. */
export function storeHandlers(store: Store, upkeep: StoreUpkeep): Readonly<Record<string, Handler>> {
  return {
    "/slipway/store/snapshot": withMethod("GET", async () => {
      if (!upkeep.snapshot) throw notHere("snapshots");
      const headers = { "content-type": "application/octet-stream" };
      return { kind: "bytes", status: 200, headers, body: upkeep.snapshot() };
    }),
    "/slipway/store/compact": withMethod("POST", async () => {
      const revision = await store.sync();
      await store.compact(revision);
      return { kind: "object", status: 200, document: { object: { revision } } };
    }),
    "/slipway/store/defragment": withMethod("POST", async () => {
      if (!upkeep.defragment) throw notHere("defragmentation: its files are rewritten as it goes");
      await upkeep.defragment();
      return { kind: "object", status: 200, document: { object: {} } };
    }),
  };
}

function withMethod(method: string, handler: Handler): Handler {
  return async (call) => {
    if (call.request.method === method) return handler(call);
    throw genericError(405, "MethodNotAllowed", `the server does not allow this method here: it takes ${method}`);
  };
}

function notHere(what: string): Error {
  return genericError(501, "NotFound", `this store has no ${what}`);
}
