import assert from "node:assert/strict";
import { test } from "node:test";
import { compileJq, type JqValue, runJq } from "./jq.ts";

const pod = {
  metadata: { name: "a", annotations: { "a.b/c": "5s" }, ownerReferences: [{ kind: "Job" }, { kind: "Other" }] },
  status: {
    phase: "Running",
    conditions: [
      { type: "Ready", status: "False" },
      { type: "Initialized", status: "True" },
    ],
    containerStatuses: [{ restartCount: 2 }, { restartCount: 0 }],
  },
};

const answers = (source: string, input: JqValue = pod) => runJq(compileJq(source), input);

test("jq: paths, in each of the spellings KWOK's stages use", () => {
  assert.deepEqual(answers(".status.phase"), ["Running"]);
  assert.deepEqual(answers('.metadata.annotations["a.b/c"]'), ["5s"]);
  assert.deepEqual(answers('.metadata.annotations."a.b/c"'), ["5s"]);
  assert.deepEqual(answers(".metadata.ownerReferences.[].kind"), ["Job", "Other"]);
  assert.deepEqual(answers(".metadata.ownerReferences[0].kind"), ["Job"]);
  assert.deepEqual(answers(".metadata.ownerReferences[-1].kind"), ["Other"]);
});

test("jq: what is not there is no answer; what is no list ends the expression", () => {
  assert.deepEqual(answers(".spec.nodeName"), []);
  assert.equal(answers(".status.phase.[]"), undefined);
  assert.equal(answers(".spec.containers.[].name"), undefined);
  assert.deepEqual(answers(".spec.containers[]?.name"), []);
});

test("jq: select, with spaces as people write them", () => {
  assert.deepEqual(answers('.status.conditions.[] | select( .type == "Ready" ) | .status'), ["False"]);
  assert.deepEqual(answers('.status.conditions[] | select(.type == "Ready" and .status == "True") | .type'), []);
});

test("jq: comparisons, alternatives, commas, pipes, parentheses", () => {
  assert.deepEqual(answers('.spec.priority // "none"'), ["none"]);
  assert.deepEqual(answers(".status.containerStatuses[].restartCount | (. > 1)"), [true, false]);
  assert.deepEqual(answers(".metadata.name, .status.phase"), ["a", "Running"]);
  assert.deepEqual(answers(".metadata.name == null or .status.phase != null"), [true]);
});

test("jq: functions", () => {
  assert.deepEqual(answers(".status.conditions | length"), [2]);
  assert.deepEqual(answers(".status.conditions | map(.type) | last"), ["Initialized"]);
  assert.deepEqual(answers('any(.status.conditions[]; .type == "Ready")'), [true]);
  assert.deepEqual(answers('[.status.conditions[] | select(.status == "True")] | length'), [1]);
  assert.deepEqual(answers('.status.conditions | any(.type == "Ready")'), [true]);
  assert.deepEqual(answers('.metadata | has("name")'), [true]);
  assert.deepEqual(answers('.metadata.name | test("^a$")'), [true]);
  assert.deepEqual(answers(".status.containerStatuses[0].restartCount | tostring"), ["2"]);
  assert.deepEqual(answers(".spec | not"), [true]);
});

test("jq: what is wrong or not understood is refused when it is compiled", () => {
  for (const source of [".a |", ".a b", '."', ".[", "reduce .[] as $x (0; . + $x)", "frobnicate", "length(1)"]) {
    assert.throws(() => compileJq(source), /jq|JSON/, source);
  }
});
