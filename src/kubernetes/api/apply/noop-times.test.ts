import assert from "node:assert/strict";
import test from "node:test";
import type { UnknownObject } from "../resource.ts";
import { revertNoopTimes } from "./noop-times.ts";

const live = objectWith({ data: "1", time: "t1" });

test("revertNoopTimes: an update that differs in times only is the live object", () => {
  assert.equal(revertNoopTimes(live, objectWith({ data: "1", time: "t2" })), live);
});

test("revertNoopTimes: any other difference is an update, with its times", () => {
  for (const updated of [
    objectWith({ data: "2", time: "t2" }),
    objectWith({ data: "1", time: "t2", manager: "other" }),
    objectWith({ data: "1", time: "t1" }),
    objectWith({ data: "2", time: "t1" }),
    { ...live, metadata: { name: "a" } },
  ]) {
    assert.equal(revertNoopTimes(live, updated), updated);
  }
});

function objectWith({ data, time, manager = "m" }: { data: string; time: string; manager?: string }): UnknownObject {
  const entry = {
    manager,
    operation: "Apply",
    apiVersion: "v1",
    time,
    fieldsType: "FieldsV1",
    fieldsV1: { "f:data": {} },
  };
  return { metadata: { name: "a", managedFields: [entry] }, data };
}
