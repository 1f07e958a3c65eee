// The fast comparing and merging held against the simple ones, on random schemas and objects. Seeded: a failure names its
// seed, and the same seed fails again.

import assert from "node:assert/strict";
import test from "node:test";
import type { ObjectSchema } from "../../schema.ts";
import { makeObject, Random, randomObject, randomSchema } from "../testing/random-objects.ts";
import { pathsIn, referenceCompare, referenceFields, referenceMerge } from "../testing/reference.ts";
import { compareFields } from "./compare-fields.ts";
import { fieldsOf } from "./fields-of.ts";
import { mergeApplied } from "./merge-applied.ts";
import { removeFields } from "./remove-fields.ts";

const seeds = Array.from({ length: 400 }, (_, index) => index + 1);

test("compareFields: finds the same fields as the reference", () => {
  for (const seed of seeds) {
    const { random, schema } = begin(seed);
    const from = freeze(randomObject(random, schema, { duplicates: true }));
    const to = freeze(randomObject(random, schema, { duplicates: true }));
    const { written, removed } = compareFields(from, to, schema);
    assert.deepEqual(
      { written: pathsIn(written), removed: pathsIn(removed) },
      referenceCompare(from, to, schema),
      `seed ${seed}`,
    );
  }
});

test("compareFields: finds nothing between equal objects, shared or not", () => {
  for (const seed of seeds) {
    const { random, schema } = begin(seed);
    const object = freeze(randomObject(random, schema, { duplicates: true }));
    for (const other of [object, structuredClone(object)]) {
      assert.deepEqual(compareFields(object, other, schema), { written: {}, removed: {} }, `seed ${seed}`);
    }
  }
});

test("fieldsOf: lists the same fields as the reference", () => {
  for (const seed of seeds) {
    const { random, schema } = begin(seed);
    const object = freeze(randomObject(random, schema, { duplicates: true }));
    assert.deepEqual(pathsIn(fieldsOf(object, schema)), referenceFields(object, schema), `seed ${seed}`);
  }
});

test("mergeApplied: merges as the reference does, and shares what it does not change", () => {
  for (const seed of seeds) {
    const { random, schema } = begin(seed);
    const live = freeze(randomObject(random, schema));
    const applied = freeze(randomObject(random, schema));
    const merged = mergeApplied(live, applied, schema);
    assert.deepEqual(merged, referenceMerge(live, applied, schema), `seed ${seed}`);
    assert.equal(mergeApplied(merged, applied, schema), merged, `seed ${seed}: once more changes nothing`);
  }
});

test("removeFields: leaves nothing of the fields it removes, and all others", () => {
  for (const seed of seeds) {
    const { random, schema } = begin(seed);
    const object = freeze(randomObject(random, schema));
    const fields = fieldsOf(randomObject(random, schema), schema);
    const rest = removeFields(object, fields, schema);
    const gone = new Set(pathsIn(fields));
    const isGone = (path: string): boolean =>
      path.split("\n").some((_, end, steps) => gone.has(steps.slice(0, end + 1).join("\n")));
    const before = referenceFields(object, schema);
    const after = new Set(referenceFields(rest, schema));
    for (const path of before) assert.equal(after.has(path), !isGone(path), `seed ${seed}: ${path}`);
  }
});

function begin(seed: number): { random: Random; schema: ObjectSchema } {
  const random = new Random(seed);
  return { random, schema: makeObject(randomSchema(random).fields) };
}

/** Nothing here may change its arguments. */
function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    Object.freeze(value);
    Object.values(value).forEach(freeze);
  }
  return value;
}
