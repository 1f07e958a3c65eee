import assert from "node:assert/strict";
import { test } from "node:test";
import { type ConfigDraft, parseAssignment, parsePath, setValue, valueIn } from "./set-value.ts";

function set(...texts: string[]): ConfigDraft {
  return texts.reduce((draft: ConfigDraft, text) => {
    const assignment = parseAssignment(text);
    assert.ok(assignment.path, assignment.path ? "" : assignment.problem);
    return setValue(draft, assignment.path, assignment.value);
  }, {});
}

test("parsePath: keys, indices, and keys that are no plain words", () => {
  assert.deepEqual(parsePath("workers[0].labels[example.com/zone]"), ["workers", 0, "labels", "example.com/zone"]);
  assert.deepEqual(parsePath("name"), ["name"]);
  for (const text of ["", ".name", "workers[]", "a..b", "a[0", "a]"]) assert.equal(parsePath(text), undefined, text);
});

test("parseAssignment: values are YAML, but texts for fields that hold texts", () => {
  assert.deepEqual(set("workers[0].count=3", "kubernetesVersion=1.36", "controlPlane.scheduler=false"), {
    workers: [{ count: 3 }],
    kubernetesVersion: "1.36",
    controlPlane: { scheduler: false },
  });
  assert.deepEqual(set("workers[0].labels[example.com/on]=true"), {
    workers: [{ count: 2, labels: { "example.com/on": "true" } }],
  });
  assert.deepEqual(set("controlPlane.controllers=[job, namespace]"), {
    controlPlane: { controllers: ["job", "namespace"] },
  });
  assert.match((parseAssignment("name") as { problem: string }).problem, /"name" is not such as/);
  assert.match((parseAssignment("workers=[") as { problem: string }).problem, /the value of workers is no YAML/);
});

test("setValue: what lies around a value begins with what the schema gives it", () => {
  assert.deepEqual(set("infrastructure.simulated=true"), { infrastructure: { provider: "local", simulated: true } });
  assert.deepEqual(set("workers[1].name=gpu"), { workers: [{ count: 2 }, { name: "gpu" }] });
  assert.deepEqual(set("addons[2].name=x"), { addons: [{ name: "dns" }, { name: "storage" }, { name: "x" }] });
});

test("valueIn: as chosen, else by default", () => {
  assert.equal(valueIn({}, ["workers", 0, "count"]), 2);
  assert.equal(valueIn({ workers: [] }, ["workers", 0, "count"]), 1);
  assert.equal(valueIn({}, ["network", "podCIDR"]), "10.244.0.0/16");
  assert.equal(valueIn({ network: { podCIDR: "10.1.0.0/16" } }, ["network", "podCIDR"]), "10.1.0.0/16");
  assert.equal(valueIn({}, ["infrastructure", "provider"]), "local");
});
