import assert from "node:assert/strict";
import { test } from "node:test";
import { controllers } from "./all.ts";
import type { ControllerDefinition } from "./controller-definition.ts";
import { selectControllers } from "./select-controllers.ts";

const define = (name: string, more: Partial<ControllerDefinition> = {}): ControllerDefinition => ({
  name: `${name}-controller`,
  aliases: [name],
  account: name,
  create: () => undefined,
  ...more,
});
const all = [define("a"), define("b"), define("c", { isOffByDefault: true })];
const select = (...words: string[]) => selectControllers(all, words).map(({ name }) => name[0]);

test("names, older names, all of them, and all but some", () => {
  assert.deepEqual(select("*"), ["a", "b"]);
  assert.deepEqual(select("*", "c"), ["a", "b", "c"]);
  assert.deepEqual(select("*", "-a-controller"), ["b"]);
  assert.deepEqual(select("b-controller"), ["b"]);
  assert.deepEqual(select("a", "-a"), ["a"]);
  assert.deepEqual(select(), []);
});

test("a name nobody knows is refused", () => {
  assert.throws(() => select("*", "-d"), { message: '"d" is not in the list of known controllers' });
});

test("every controller has names of its own", () => {
  const names = controllers.flatMap(({ name, aliases }) => [name, ...aliases]);
  assert.equal(new Set(names).size, names.length);
});
