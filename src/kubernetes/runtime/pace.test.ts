import assert from "node:assert/strict";
import { test } from "node:test";
import { Pace } from "./pace.ts";

test("Pace: a costly key rests once it has taken its share, longer the more it costs, and is forgiven after a while", () => {
  let now = 5000;
  const pace = new Pace(() => now);
  for (let run = 0; run < 10; run++) pace.note("dear", 4);
  assert.equal(pace.restMs("dear"), 0);
  pace.note("dear", 4);
  assert.equal(pace.restMs("dear"), 80);
  now += 50;
  assert.equal(pace.restMs("dear"), 30);
  pace.note("dear", 900);
  assert.equal(pace.restMs("dear"), 500);
  now += 1001;
  pace.note("dear", 4);
  assert.equal(pace.restMs("dear"), 0);
});

test("Pace: cheap keys never rest, nor do those that are looked at now and then", () => {
  const pace = new Pace(() => 5000);
  for (let run = 0; run < 1000; run++) pace.note("cheap", 0.1);
  assert.equal(pace.restMs("cheap"), 0);
  assert.equal(pace.restMs("unknown"), 0);
});
