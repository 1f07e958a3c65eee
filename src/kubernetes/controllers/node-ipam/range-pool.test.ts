import assert from "node:assert/strict";
import { test } from "node:test";
import { RangePool } from "./range-pool.ts";

test("parts are given one after the other, and again when all others have been", () => {
  const pool = new RangePool("10.244.0.0/22", 24);
  assert.deepEqual([pool.allocate(), pool.allocate()], ["10.244.0.0/24", "10.244.1.0/24"]);
  pool.release("10.244.0.0/24");
  assert.deepEqual(
    [pool.allocate(), pool.allocate(), pool.allocate(), pool.allocate()],
    ["10.244.2.0/24", "10.244.3.0/24", "10.244.0.0/24", undefined],
  );
});

test("what a range touches is used", () => {
  const pool = new RangePool("10.244.0.0/21", 24);
  pool.occupy("10.244.0.0/23");
  pool.occupy("10.244.2.128/25");
  assert.equal(pool.allocate(), "10.244.3.0/24");
  pool.occupy("10.244.0.0/16");
  assert.equal(pool.allocate(), undefined);
});

test("ranges of IPv6 are cut the same way", () => {
  const pool = new RangePool("fd00:10:244::/56", 64);
  pool.occupy("fd00:10:244::/64");
  assert.equal(pool.allocate(), "fd00:10:244:1::/64");
});

test("what cannot be is refused", () => {
  assert.throws(() => new RangePool("fd00::/40", 64), /too big/);
  assert.throws(() => new RangePool("10.0.0.0/26", 24), /smaller/);
  assert.throws(() => new RangePool("10.0.0.0/16", 24).occupy("10.1.0.0/24"), /out the range/);
});
