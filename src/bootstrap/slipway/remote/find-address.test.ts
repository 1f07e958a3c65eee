import assert from "node:assert/strict";
import { test } from "node:test";
import { findAddress } from "./find-address.ts";

test("findAddress: what it was told; else the address from which the API is reached", async () => {
  assert.equal(await findAddress("10.0.0.7"), "10.0.0.7");
  assert.equal(await findAddress({ reaching: { host: "127.0.0.2", port: 6443 } }), "127.0.0.1");
});

test("findAddress: a name that nobody knows is told", async () => {
  const unknown = { reaching: { host: "api.invalid", port: 6443 } };
  await assert.rejects(findAddress(unknown), /no way to the API at api\.invalid/);
});
