import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDuration } from "./duration.ts";

test("parseDuration: seconds to days in milliseconds; 0 is for ever; anything else is refused", () => {
  assert.deepEqual(
    ["90s", "10m", "24h", "7d", "0"].map((text) => parseDuration(text, "--ttl")),
    [90_000, 600_000, 86_400_000, 604_800_000, undefined],
  );
  for (const text of ["", "10", "m", "-1s", "1.5h", "1w"]) {
    assert.throws(() => parseDuration(text, "--ttl"), { message: /^Cannot use --ttl / });
  }
});
