import assert from "node:assert/strict";
import { test } from "node:test";
import { configField, findField, type SchemaField } from "./schema-field.ts";

function find(path: string): SchemaField {
  const found = findField(path);
  assert.ok(found.field, found.field ? "" : found.problem);
  return found.field;
}

test("findField: type, default, limits and description from the schema", () => {
  const { type, defaultValue, limits, description, isRequired } = find("controlPlane.replicas");
  assert.deepEqual([type, defaultValue, limits, isRequired], ["integer", 1, ["at least 1", "at most 7"], false]);
  assert.equal(description, "How many control plane machines.");
  assert.deepEqual(find("network.plugin").allowed, ["slipway", "flannel", "calico", "cilium", "none"]);
  assert.equal(find("workers").type, "[]Object");
  assert.equal(find("workers.labels").type, "map[string]string");
  assert.equal(find("workers.capacity.cpu").type, "string or number");
  assert.equal(find("workers.taints.effect").isRequired, true);
});

test("findField: entries of lists are found however they are written", () => {
  for (const path of ["workers.count", "workers[0].count", "workers[].count", "workers[3].count"]) {
    assert.equal(find(path).path, "workers[].count");
  }
});

test("findField: a union shows the field that tells its options apart, with all values", () => {
  const { fields } = find("infrastructure");
  assert.equal(fields[0]!.name, "provider");
  assert.equal(fields[0]!.isRequired, true);
  assert.ok(fields[0]!.allowed!.includes("local"));
  assert.ok(fields.some(({ name }) => name === "simulated"));
});

test("findField: what is no field is named with the one that was probably meant", () => {
  assert.deepEqual(findField("network.podCidrs"), {
    problem: 'network has no field "podCidrs", did you mean "podCIDR"?',
  });
  assert.deepEqual(findField("name.first"), { problem: "name is string and has no fields" });
});

test("configField: each field has a description, but for those that kubectl's readers know", () => {
  const undescribed: string[] = [];
  const visit = (field: SchemaField): void => {
    if (field.description === undefined && !/stages|taints|^$|\.type$|\.provider$|apiVersion|kind/.test(field.path)) {
      undescribed.push(field.path);
    }
    field.fields.forEach(visit);
  };
  visit(configField());
  assert.deepEqual(undescribed, []);
});
