import assert from "node:assert/strict";
import { test } from "node:test";
import type { AddonDiff } from "#addons";
import { formatDiff } from "./format-diff.ts";

const object = { apiVersion: "v1", kind: "ConfigMap", namespace: "default", name: "a", fields: [] } as const;

function diffOf(changes: Partial<AddonDiff>): AddonDiff {
  return { addon: "x", isApplied: false, wasInstalled: true, objects: [], hasChanges: true, ...changes };
}

test("formatDiff: what changes, each field below its object, what stands in the way beside it", () => {
  const text = formatDiff(
    diffOf({
      installed: "1.0",
      version: "2.0",
      objects: [
        { ...object, action: "nothing" },
        { ...object, kind: "Role", namespace: "x", action: "create" },
        {
          ...object,
          action: "change",
          fields: [
            { path: "data.x", before: "1", after: "a b" },
            { path: "data.y", after: 2 },
            { path: "data.z", before: "gone" },
            { path: "data.text", before: "one\ntwo\nthree\n", after: "one\n2\nthree\n" },
          ],
          conflicts: [{ manager: "kubectl-edit", field: "data.x" }],
        },
        { ...object, kind: "Job", action: "replace", immutable: ["spec.template"] },
        { ...object, kind: "Secret", action: "remove" },
      ],
    }),
  );
  assert.equal(
    text,
    `x 1.0 → 2.0: differs, 1 to create, 1 to change, 1 to make anew, 1 to remove, 1 as they are
  + Role x/a
  ~ ConfigMap default/a
      data.x: 1 → "a b"
      data.y: 2 (new)
      data.z: gone (goes)
      data.text:
        - two
        + 2
      ! data.x was set by kubectl-edit: refused, unless it is to be overwritten
  ± Job default/a
      ! spec.template cannot change: the object is deleted and made anew
  - Secret default/a
`,
  );
});

test("formatDiff: nothing to do, drift, and what is not there, in one line each", () => {
  const objects = [{ ...object, action: "nothing" }] as const;
  assert.equal(
    formatDiff(diffOf({ isApplied: true, hasChanges: false, version: "1", objects })),
    "x 1: as wanted, 1 object\n",
  );
  assert.match(formatDiff(diffOf({ isApplied: true })), /^x: has drifted/);
  assert.match(formatDiff(diffOf({ wasInstalled: false })), /^x: is not installed/);
});
