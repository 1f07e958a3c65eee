import assert from "node:assert/strict";
import { test } from "node:test";
import { resolveConfig } from "#config";
import { findSpare } from "./pools.ts";

test("findSpare: above all there are; a spare that was made before is found again, and no other one wanted", () => {
  const config = resolveConfig({ name: "demo", workers: [{ count: 2 }, { name: "big", count: 1 }] });
  const [pool] = config.workers;
  const spareOf = (...numbers: number[]) =>
    findSpare(config, pool!, [
      "demo-control-plane-9",
      "demo-big-7",
      ...numbers.map((number) => `demo-worker-${number}`),
    ]);
  assert.equal(spareOf(1, 2), "demo-worker-3");
  assert.equal(spareOf(1, 2, 3), "demo-worker-3");
  assert.equal(spareOf(2, 3), "demo-worker-4");
  assert.equal(spareOf(), "demo-worker-1");
});
