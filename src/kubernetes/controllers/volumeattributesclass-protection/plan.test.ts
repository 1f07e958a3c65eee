import assert from "node:assert/strict";
import { test } from "node:test";
import { classesOfClaim, classesOfVolume } from "./plan.ts";

test("classesOfVolume, classesOfClaim: each class once", () => {
  assert.deepEqual(classesOfVolume({ metadata: {}, spec: { volumeAttributesClassName: "a" } }), ["a"]);
  assert.deepEqual(classesOfVolume({ metadata: {} }), []);
  const claim = {
    metadata: {},
    spec: { volumeAttributesClassName: "b" },
    status: {
      currentVolumeAttributesClassName: "a",
      modifyVolumeStatus: { status: "InProgress", targetVolumeAttributesClassName: "b" },
    },
  };
  assert.deepEqual(classesOfClaim(claim), ["b", "a"]);
});
