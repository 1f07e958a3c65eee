import assert from "node:assert/strict";
import test from "node:test";
import { anyElement, exceptFields, onlyFields } from "./field-filter.ts";

const fields = {
  "f:metadata": { "f:labels": { "f:a": {} } },
  "f:spec": {
    "f:containers": { 'k:{"name":"c"}': { ".": {}, "f:image": {}, "f:resources": { ".": {}, "f:limits": {} } } },
    "f:replicas": {},
  },
  "f:status": { "f:phase": {} },
};

test("exceptFields: leaves out fields with all below them", () => {
  const { "f:status": _, ...rest } = fields;
  assert.deepEqual(exceptFields(["status"])(fields), rest);
  assert.deepEqual(exceptFields(["spec", "replicas"], ["metadata"], ["status", "phase"])(fields), {
    "f:spec": { "f:containers": fields["f:spec"]["f:containers"] },
  });
  assert.equal(exceptFields(["none"])(fields), fields);
});

test("onlyFields: keeps what lies at or below a pattern, and members on the way to one", () => {
  const filter = onlyFields(["spec", "containers", anyElement, "resources"], ["status"]);
  assert.deepEqual(filter(fields), {
    "f:spec": { "f:containers": { 'k:{"name":"c"}': { ".": {}, "f:resources": { ".": {}, "f:limits": {} } } } },
    "f:status": { "f:phase": {} },
  });
  assert.deepEqual(onlyFields(["none"])(fields), {});
});
