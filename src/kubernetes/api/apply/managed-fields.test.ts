import assert from "node:assert/strict";
import test from "node:test";
import type { ManagedFieldsEntry } from "../generated/types.ts";
import {
  checkManagedFields,
  ManagedFieldsError,
  readSentManagers,
  readStoredManagers,
  withFields,
  writeManagers,
} from "./managed-fields.ts";

const entry: ManagedFieldsEntry = {
  manager: "m",
  operation: "Update",
  apiVersion: "v1",
  time: "2026-01-01T00:00:00Z",
  fieldsType: "FieldsV1",
  fieldsV1: { "f:data": { "f:a": {} } },
};

test("managers: what is read and not changed is written as the very same entry", () => {
  const entries = [entry, { ...entry, operation: "Apply", subresource: "status" }];
  const written = writeManagers(readStoredManagers(entries))!;
  assert.equal(written[0], entries[1]);
  assert.equal(written[1], entries[0]);
  assert.equal(writeManagers([]), undefined);
  assert.deepEqual(readStoredManagers(null), []);
});

test("managers: an entry that changes is written in the order of Go's struct", () => {
  const [manager] = readStoredManagers([{ ...entry, subresource: "status" }]);
  const [written] = writeManagers([withFields(manager!, { "f:x": {} })])!;
  assert.equal(
    JSON.stringify(written),
    '{"manager":"m","operation":"Update","apiVersion":"v1","time":"2026-01-01T00:00:00Z","fieldsType":"FieldsV1","fieldsV1":{"f:x":{}},"subresource":"status"}',
  );
});

test("writeManagers: orders by operation, time, name, version, subresource", () => {
  const entries: ManagedFieldsEntry[] = [
    { ...entry, manager: "c" },
    { ...entry, manager: "b", subresource: "status" },
    { ...entry, manager: "b", apiVersion: "v1beta1" },
    { ...entry, manager: "b" },
    { ...entry, manager: "a", time: "2026-01-02T00:00:00Z" },
    { ...entry, manager: "z", operation: "Apply" },
    { ...entry, manager: "zz", operation: "Apply", time: "2025-12-31T23:59:59-01:00" },
    { ...entry, manager: "y", time: undefined } as unknown as ManagedFieldsEntry,
  ];
  const order = writeManagers(readStoredManagers(entries))!.map((one) =>
    [one.manager, one.apiVersion, one.subresource ?? ""].join(" "),
  );
  assert.deepEqual(order, ["z v1 ", "zz v1 ", "y v1 ", "b v1 ", "b v1 status", "b v1beta1 ", "c v1 ", "a v1 "]);
});

test("readSentManagers: entries sent back as stored are not read anew; others become canonical", () => {
  const sent = [structuredClone(entry), { ...entry, manager: "n", fieldsV1: { "f:b": {}, "f:a": { ".": {} } } }];
  const [same, fresh] = readSentManagers(sent, [entry]);
  assert.equal(same!.fields, entry.fieldsV1);
  assert.equal(JSON.stringify(fresh!.fields), '{"f:a":{},"f:b":{}}');
});

test("readSentManagers: the later of two entries of one manager counts; appliers are one at all versions", () => {
  const entries = [
    { ...entry, operation: "Apply", apiVersion: "v1" },
    { ...entry, operation: "Apply", apiVersion: "v2", fieldsV1: { "f:x": {} } },
    { ...entry, apiVersion: "v2" },
    entry,
  ];
  const managers = readSentManagers(entries, undefined);
  assert.deepEqual(
    managers.map(({ operation, apiVersion }) => `${operation} ${apiVersion}`),
    ["Apply v2", "Update v2", "Update v1"],
  );
});

test("checkManagedFields: says in upstream's words what cannot be read", () => {
  const problems: [change: Partial<ManagedFieldsEntry>, message: string][] = [
    [{ operation: "Guess" }, "operation must be `Apply` or `Update`"],
    [{ apiVersion: "" }, "apiVersion must not be empty"],
    [{ fieldsType: "" }, "missing fieldsType in managed fields entry 1"],
    [{ fieldsType: "FieldsV2" }, 'invalid fieldsType "FieldsV2" in managed fields entry 1'],
  ];
  for (const [change, message] of problems) {
    assert.equal(checkManagedFields([entry, { ...entry, ...change }]), message);
    assert.throws(() => readStoredManagers([entry, { ...entry, ...change }]), ManagedFieldsError);
  }
  assert.match(checkManagedFields([{ ...entry, fieldsV1: { a: {} } }])!, /missing colon|2 characters/);
  assert.equal(checkManagedFields([entry]), undefined);
  assert.equal(checkManagedFields(undefined), undefined);
});
