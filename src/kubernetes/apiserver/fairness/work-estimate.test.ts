import assert from "node:assert/strict";
import { test } from "node:test";
import { makeCall } from "../make-call.ts";
import { estimateWork, type WorkFacts } from "./work-estimate.ts";

function estimate(method: "GET" | "POST" | "DELETE", path: string, more: Partial<WorkFacts> = {}) {
  const [pathname = "", query = ""] = path.split("?", 2);
  const call = makeCall({ method, path: pathname, query: new URLSearchParams(query), headers: {} }, undefined);
  const facts = { mostSeats: 8, stored: () => ({ count: 1000, averageBytes: 1000 }), watchers: () => 0, ...more };
  const { initialSeats, finalSeats, finalMs } = estimateWork(call, facts);
  return [initialSeats, finalSeats, finalMs];
}

const pods = "/api/v1/namespaces/a/pods";

test("estimateWork: a list by what it holds, within what its level may take", () => {
  assert.deepEqual(estimate("GET", pods), [8, 0, 0]);
  assert.deepEqual(estimate("GET", `${pods}?limit=250`), [3, 0, 0]);
  assert.deepEqual(estimate("GET", pods, { stored: () => ({ count: 3, averageBytes: 1000 }) }), [1, 0, 0]);
  assert.deepEqual(
    estimate("GET", pods, { stored: () => ({ count: 1e9, averageBytes: 1e6 }), mostSeats: 100 }),
    [10, 0, 0],
  );
  assert.deepEqual(estimate("GET", `${pods}?fieldSelector=metadata.name%3Dx`), [1, 0, 0]);
  assert.deepEqual(estimate("GET", pods, { stored: () => undefined }), [1, 0, 0]);
  assert.deepEqual(estimate("GET", `${pods}/x`), [1, 0, 0]);
});

test("estimateWork: a watch as the list it begins with, if it begins with one", () => {
  assert.deepEqual(estimate("GET", `${pods}?watch=true`), [8, 0, 0]);
  assert.deepEqual(estimate("GET", `${pods}?watch=true&resourceVersion=5`), [1, 0, 0]);
  assert.deepEqual(estimate("GET", `${pods}?watch=true&resourceVersion=5&sendInitialEvents=true`), [8, 0, 0]);
});

test("estimateWork: a change holds seats after its answer where many watch", () => {
  assert.deepEqual(estimate("POST", pods, { watchers: () => 9 }), [1, 0, 0]);
  assert.deepEqual(estimate("POST", pods, { watchers: () => 45 }), [1, 5, 5]);
  assert.deepEqual(estimate("DELETE", `${pods}/x`, { watchers: () => 1600 }), [1, 8, 100]);
  const token = "/api/v1/namespaces/a/serviceaccounts/x/token";
  assert.deepEqual(estimate("POST", token, { watchers: () => 1600 }), [1, 0, 0]);
});
