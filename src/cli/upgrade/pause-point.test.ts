import assert from "node:assert/strict";
import { test } from "node:test";
import { findPausePoint, type UpgradeStep } from "./pause-point.ts";

const step = (id: string, ...ends: string[]): UpgradeStep => {
  return {
    id,
    phase: "verify",
    title: id,
    needs: [],
    ends,
    check: async () => ({ state: "done" }),
    apply: async () => {},
  };
};

const steps = [
  step("35/c1"),
  step("35/gate-c1", "c1", "control-planes"),
  step("35/gate-1", "w1", "w2", "1.35.8"),
  step("36/gate-c1", "c1", "control-planes"),
  step("36/gate-1", "w1", "w2", "1.36.3"),
];

test("findPausePoint: the look after what was named; the same command, again, goes on to the next such", () => {
  assert.equal(findPausePoint(steps, "control-planes"), "35/gate-c1");
  assert.equal(findPausePoint(steps, "control-planes", ["35/gate-c1"]), "36/gate-c1");
  assert.equal(findPausePoint(steps, "control-planes", ["35/gate-c1", "36/gate-c1"]), undefined);
  assert.equal(findPausePoint(steps, "w2"), "35/gate-1");
  assert.equal(findPausePoint(steps, "1.35.8"), "35/gate-1");
});

test("findPausePoint: where there are no workers, control planes end with their own look", () => {
  assert.equal(findPausePoint(steps.slice(0, 2), "control-planes"), "35/gate-c1");
});

test("findPausePoint: what no step ends is refused, and what there is is named", () => {
  for (const pause of ["gate-1", "snapshot", "w3", ""]) {
    assert.throws(
      () => findPausePoint(steps, pause),
      (error: Error & { hints: string[] }) => {
        assert.match(error.message, /^Cannot pause after .*: no step of this upgrade ends with it$/);
        assert.deepEqual(error.hints, ["Pause after one of: c1, control-planes, w1, w2, 1.35.8, 1.36.3."]);
        return true;
      },
    );
  }
});
