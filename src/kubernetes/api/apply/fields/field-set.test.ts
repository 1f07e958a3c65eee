import assert from "node:assert/strict";
import test from "node:test";
import { Random } from "../testing/random-objects.ts";
import {
  difference,
  differenceBelow,
  emptySet,
  equalSets,
  type FieldSet,
  fieldSetOf,
  hasPath,
  intersection,
  isEmptySet,
  makeSet,
  pathsOf,
  readFieldSet,
  union,
} from "./field-set.ts";
import { PathElementError } from "./path-element.ts";

/** a and a.b are in the set; b.c is, b is not. */
const set: FieldSet = { "f:a": { ".": {}, "f:b": {} }, "f:b": { "f:c": {} } };

test("fieldSetOf: makes a set of paths; what leads to a field is not in it", () => {
  assert.deepEqual(fieldSetOf(["a"], ["b", "c"], ["a", "b"]), set);
  assert.deepEqual(fieldSetOf(), {});
  assert.ok(hasPath(set, ["f:a"]) && hasPath(set, ["f:a", "f:b"]) && hasPath(set, ["f:b", "f:c"]));
  assert.ok(!hasPath(set, ["f:b"]) && !hasPath(set, ["f:c"]) && !hasPath(set, []));
});

test("pathsOf: at each level what is in the set comes first, then what is below", () => {
  assert.deepEqual(pathsOf({ "f:a": { ".": {}, "f:z": {} }, "f:b": { "f:y": {} }, "f:c": {} }), [
    ["f:a"],
    ["f:c"],
    ["f:a", "f:z"],
    ["f:b", "f:y"],
  ]);
});

test("difference: a field and the fields below it are different things", () => {
  assert.deepEqual(difference(set, fieldSetOf(["a"])), { "f:a": { "f:b": {} }, "f:b": { "f:c": {} } });
  assert.deepEqual(difference(set, fieldSetOf(["a", "b"], ["b"])), { "f:a": {}, "f:b": { "f:c": {} } });
  assert.deepEqual(difference(set, set), {});
});

test("differenceBelow: a field goes with all below it", () => {
  assert.deepEqual(differenceBelow(set, fieldSetOf(["a"])), { "f:b": { "f:c": {} } });
  assert.deepEqual(differenceBelow(set, fieldSetOf(["b"])), { "f:a": { ".": {}, "f:b": {} } });
  assert.deepEqual(differenceBelow(set, fieldSetOf(["a", "b"])), { "f:a": {}, "f:b": { "f:c": {} } });
});

test("union and intersection: keep the canonical order and form", () => {
  const other = fieldSetOf(["b"], ["a", "a"]);
  const both = union(set, other);
  assert.equal(JSON.stringify(both), '{"f:a":{".":{},"f:a":{},"f:b":{}},"f:b":{".":{},"f:c":{}}}');
  assert.deepEqual(intersection(both, other), other);
  assert.deepEqual(intersection(set, fieldSetOf(["a", "b", "c"])), {});
});

test("set operations: give back the argument that says the same already", () => {
  assert.equal(union(set, fieldSetOf(["a"])), set);
  assert.equal(union(emptySet, set), set);
  assert.equal(difference(set, fieldSetOf(["x"], ["a", "c"])), set);
  assert.equal(differenceBelow(set, fieldSetOf(["x"])), set);
  const wider = union(set, fieldSetOf(["z"]));
  assert.equal(wider["f:a"], set["f:a"]);
});

test("set operations: obey the laws of sets on random sets", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = new Random(seed);
    const [a, b, c] = [randomSet(random), randomSet(random), randomSet(random)];
    assert.ok(equalSets(union(a, b), union(b, a)), `seed ${seed}`);
    assert.deepEqual(union(union(a, b), c), union(a, union(b, c)), `seed ${seed}`);
    assert.deepEqual(intersection(a, b), difference(a, difference(a, b)), `seed ${seed}`);
    assert.deepEqual(union(difference(a, b), intersection(a, b)), a, `seed ${seed}`);
    assert.ok(isEmptySet(intersection(difference(a, b), b)), `seed ${seed}`);
    assert.deepEqual(readFieldSet(JSON.parse(JSON.stringify(a))), a, `seed ${seed}`);
  }
});

test("makeSet: sorts many elements as it sorts few", () => {
  const elements = Array.from({ length: 200 }, (_, index) => `f:${(index * 7919) % 200}`.padStart(5, "f:000"));
  const sorted = Object.keys(
    makeSet(
      [...elements],
      elements.map(() => ({})),
    ),
  );
  assert.deepEqual(sorted, elements.toSorted());
});

test("readFieldSet: brings what clients send into canonical form", () => {
  const sent = {
    'k:{"protocol":"TCP","port":80}': { "f:port": {}, ".": {} },
    "f:b": { ".": {} },
    "f:a": null,
    "x:unknown": { "f:a": {} },
    'k:{"port":80, "protocol":"TCP"}': { "f:name": {} },
  };
  const expected = '{"f:a":{},"f:b":{},"k:{\\"port\\":80,\\"protocol\\":\\"TCP\\"}":{".":{},"f:name":{},"f:port":{}}}';
  assert.equal(JSON.stringify(readFieldSet(sent)), expected);
  assert.deepEqual(readFieldSet(undefined), {});
  assert.deepEqual(readFieldSet({ ".": {} }), {});
});

test("readFieldSet: refuses what is no tree of elements", () => {
  for (const sent of [{ name: {} }, { "f:a": "x" }, { "f:a": [] }, { "v:{": {} }, "x"]) {
    assert.throws(() => readFieldSet(sent), PathElementError);
  }
});

function randomSet(random: Random): FieldSet {
  const paths = Array.from({ length: random.below(6) }, () =>
    Array.from({ length: 1 + random.below(3) }, () => random.pick(["a", "b", "c"])),
  );
  return fieldSetOf(...paths);
}
