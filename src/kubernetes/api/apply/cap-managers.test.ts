import assert from "node:assert/strict";
import test from "node:test";
import { capManagers } from "./cap-managers.ts";
import { fieldSetOf } from "./fields/field-set.ts";
import type { Manager } from "./managed-fields.ts";

test("capManagers: ten updaters stay as they are, appliers do not count", () => {
  const managers = [
    ...Array.from({ length: 10 }, (_, index) => updater(index)),
    ...[1, 2, 3].map((index) => applier(index)),
  ];
  assert.equal(capManagers(managers), managers);
});

test("capManagers: the oldest two are folded into one, with the younger's time", () => {
  const managers = Array.from({ length: 11 }, (_, index) => updater(index));
  const capped = capManagers(managers.toReversed());
  assert.equal(capped.length, 10);
  assert.deepEqual(bucketOf(capped, "v1"), { time: timeOf(1), fields: fieldSetOf(["f0"], ["f1"]) });
  assert.ok(capped.includes(managers[2]!));
});

test("capManagers: a bucket takes in more as managers come", () => {
  let managers: readonly Manager[] = [];
  for (let index = 0; index < 14; index++) managers = capManagers([...managers, updater(index)]);
  assert.equal(managers.length, 10);
  assert.deepEqual(bucketOf(managers, "v1"), {
    time: timeOf(4),
    fields: fieldSetOf(["f0"], ["f1"], ["f2"], ["f3"], ["f4"]),
  });
});

test("capManagers: each version has its own bucket", () => {
  const managers = [
    updater(0, "v1"),
    updater(1, "v2"),
    ...Array.from({ length: 10 }, (_, index) => updater(index + 2, "v1")),
  ];
  const capped = capManagers(managers);
  assert.equal(capped.length, 10);
  assert.ok(capped.includes(managers[1]!));
  assert.deepEqual(bucketOf(capped, "v1")?.fields, fieldSetOf(["f0"], ["f2"], ["f3"]));
});

test("capManagers: versions with one manager each cannot be folded", () => {
  const managers = Array.from({ length: 12 }, (_, index) => updater(index, `v${index}`));
  assert.deepEqual(capManagers(managers), managers);
});

function bucketOf(managers: readonly Manager[], apiVersion: string): Pick<Manager, "time" | "fields"> | undefined {
  const bucket = managers.find((manager) => manager.name === "ancient-changes" && manager.apiVersion === apiVersion);
  return bucket && { time: bucket.time, fields: bucket.fields };
}

function updater(index: number, apiVersion = "v1"): Manager {
  return {
    name: `m${index}`,
    operation: "Update",
    apiVersion,
    subresource: index % 2 === 0 ? "" : "status",
    time: timeOf(index),
    fields: fieldSetOf([`f${index}`]),
  };
}

function applier(index: number): Manager {
  return { ...updater(index), operation: "Apply" };
}

function timeOf(index: number): string {
  return `2026-01-01T00:00:${String(index).padStart(2, "0")}Z`;
}
