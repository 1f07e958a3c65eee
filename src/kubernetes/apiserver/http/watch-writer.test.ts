import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import type { WatchAnswer } from "../call.ts";
import { makeCall } from "../make-call.ts";
import { plainJson } from "./media-types.ts";
import { writeWatch } from "./watch-writer.ts";
import type { WireResponse } from "./wire-response.ts";

/** What Node's answers of both protocols are like once the client has gone: there will be no "close" any more. */
const gone = { "HTTP/1.1": { destroyed: true }, "HTTP/2": { stream: { destroyed: true } } };

for (const [protocol, state] of Object.entries(gone)) {
  test(`writeWatch: ends at once where the client has gone already (${protocol})`, async () => {
    const nothing = { writeHead: () => {}, flushHeaders: () => {}, write: () => true, end: () => {} };
    const response = Object.assign(new EventEmitter(), nothing, state) as unknown as WireResponse;
    let stops = 0;
    const answer: WatchAnswer = { kind: "watch", status: 200, resource: {} as never, open: () => () => void stops++ };
    const call = makeCall({ method: "GET", path: "/api/v1/pods", query: new URLSearchParams(), headers: {} }, {});
    await writeWatch({ call, response, mediaType: plainJson, now: () => 0 }, answer, {});
    assert.equal(stops, 1);
  });
}
