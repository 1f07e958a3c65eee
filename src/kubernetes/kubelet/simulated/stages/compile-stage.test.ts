import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseStage } from "./choose-stage.ts";
import { compileStage, parseGoDuration } from "./compile-stage.ts";
import { type StageSpec, stepsOf } from "./stage.ts";
import { templateFunctions } from "./template/functions.ts";

const compile = (spec: Partial<StageSpec>, name = "stage") =>
  compileStage(
    { metadata: { name }, spec: { resourceRef: { kind: "Pod" }, selector: {}, ...spec } },
    templateFunctions,
  )!;

const pod = {
  metadata: { name: "a", labels: { app: "x" }, annotations: { weight: "7", delay: "1m30s", bad: "soon" } },
  status: { phase: "Pending", conditions: [{ type: "Ready", status: "False" }] },
};

test("compileStage: a stage without a selector matches nothing", () => {
  assert.equal(compileStage({ metadata: { name: "a" }, spec: { resourceRef: { kind: "Pod" } } }, {}), undefined);
});

test("compileStage: labels, annotations and expressions must all match", () => {
  const key = ".status.phase";
  const matches = (selector: StageSpec["selector"]) => compile({ selector: selector! }).matches(pod);
  assert.equal(matches({ matchLabels: { app: "x" }, matchAnnotations: { weight: "7" } }), true);
  assert.equal(matches({ matchLabels: { app: "y" } }), false);
  assert.equal(matches({ matchExpressions: [{ key, operator: "In", values: ["Pending", "Running"] }] }), true);
  assert.equal(matches({ matchExpressions: [{ key, operator: "NotIn", values: ["Pending"] }] }), false);
  assert.equal(matches({ matchExpressions: [{ key: ".metadata.deletionTimestamp", operator: "DoesNotExist" }] }), true);
  assert.equal(
    matches({ matchExpressions: [{ jq: { key: ".metadata.deletionTimestamp", operator: "Exists" } }] }),
    false,
  );
});

test("compileStage: a value that is absent is in no list", () => {
  const ready = '.status.conditions.[] | select( .type == "Ready" ) | .status';
  const { matches } = compile({
    selector: { matchExpressions: [{ key: ready, operator: "NotIn", values: ["True"] }] },
  });
  assert.equal(matches(pod), true);
  assert.equal(matches({ metadata: {} }), true);
});

test("compileStage: delays are fixed or from the object: a duration, or a time", () => {
  const delayOf = (delay: StageSpec["delay"], nowMs = 0, random = 0) =>
    compile({ delay: delay! }).delayMs(pod, nowMs, random);
  const from = (key: string) => ({ expressionFrom: `.metadata.annotations["${key}"]` });
  assert.equal(delayOf({ durationMilliseconds: 5 }), 5);
  assert.equal(delayOf({ durationFrom: from("delay") }), 90_000);
  assert.equal(delayOf({ durationMilliseconds: 5, durationFrom: from("none") }), 5);
  assert.equal(delayOf({ durationMilliseconds: 5, durationFrom: from("bad") }), 5);
  const deleted = { metadata: { deletionTimestamp: "1970-01-01T00:00:10Z" } };
  const { delayMs } = compile({ delay: { durationFrom: { expressionFrom: ".metadata.deletionTimestamp" } } });
  assert.equal(delayMs(deleted, 4000, 0), 6000);
  assert.equal(delayMs(deleted, 40_000, 0), 0);
});

test("compileStage: jitter is the most a delay may be", () => {
  const { delayMs } = compile({ delay: { durationMilliseconds: 1000, jitterDurationMilliseconds: 5000 } });
  assert.equal(delayMs(pod, 0, 0), 1000);
  assert.equal(delayMs(pod, 0, 0.5), 3000);
  const least = compile({ delay: { durationMilliseconds: 1000, jitterDurationMilliseconds: 500 } });
  assert.equal(least.delayMs(pod, 0, 0.5), 500);
});

test("compileStage: what is not understood is refused", () => {
  assert.throws(() => compile({ selector: { matchExpressions: [{ cel: {} }] } }), /CEL expressions are not understood/);
  assert.throws(() => compile({ steps: [{ apply: {} }] }), /apply steps are not understood/);
  assert.throws(
    () => compile({ selector: { matchExpressions: [{ key: ".a", operator: "Like" }] } }),
    /operator "Like"/,
  );
});

test("stepsOf: both forms of a stage come to the same", () => {
  const event = { reason: "Created" };
  const next = { event, finalizers: { empty: true }, statusTemplate: "phase: Running" };
  const patch = { subresource: "status", root: "status", template: "phase: Running" };
  assert.deepEqual(stepsOf({ resourceRef: { kind: "Pod" }, next }), [
    { event },
    { finalizers: { empty: true } },
    { patch },
  ]);
});

test("chooseStage: by weight, which may come from the object", () => {
  const heavy = compile({ weightFrom: { expressionFrom: ".metadata.annotations.weight" } }, "heavy");
  const light = compile({ weight: 3 }, "light");
  const never = compile({ weight: 0 }, "never");
  const chosen = (random: number) => chooseStage([heavy, light, never], pod, random)?.name;
  assert.deepEqual([0, 0.69, 0.71, 0.999].map(chosen), ["heavy", "heavy", "light", "light"]);
  assert.equal(chooseStage([never], pod, 0.5)?.name, "never");
  assert.equal(chooseStage([], pod, 0.5), undefined);
});

test("parseGoDuration", () => {
  assert.equal(parseGoDuration("1h2m3.5s"), 3_723_500);
  assert.equal(parseGoDuration("-1.5s"), -1500);
  assert.equal(parseGoDuration("250ms"), 250);
  assert.equal(parseGoDuration("0"), 0);
  assert.equal(parseGoDuration("5"), undefined);
  assert.equal(parseGoDuration("soon"), undefined);
});
