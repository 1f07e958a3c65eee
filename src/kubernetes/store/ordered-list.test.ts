import assert from "node:assert/strict";
import { test } from "node:test";
import { OrderedList } from "./ordered-list.ts";
import { seededRandom } from "./testing/random.ts";

interface Item {
  readonly key: string;
  readonly value: number;
}

test("OrderedList: the same as a sorted array, through thousands of changes", () => {
  const random = seededRandom(1);
  const list = new OrderedList<Item>();
  const model = new Map<string, Item>();
  const key = () => `key-${random.below(4000)}`;
  for (let value = 0; value < 30_000; value++) {
    // More and more, then fewer and fewer.
    if (random.chance(value < 15_000 ? 0.7 : 0.3)) {
      const item = { key: key(), value };
      assert.equal(list.set(item), model.get(item.key));
      model.set(item.key, item);
    } else {
      const gone = key();
      assert.equal(list.delete(gone), model.get(gone));
      model.delete(gone);
    }
    if (value % 1000 === 0) compare(list, model);
  }
  compare(list, model);
  const probe = key();
  assert.equal(list.get(probe), model.get(probe));
});

test("OrderedList: rank and slice", () => {
  const items = Array.from({ length: 3000 }, (_, at) => ({ key: String(at).padStart(4, "0"), value: at }));
  const list = new OrderedList(items);
  assert.equal(list.rank(""), 0);
  assert.equal(list.rank("0000"), 0);
  assert.equal(list.rank("1234"), 1234);
  assert.equal(list.rank("1234\0"), 1235);
  assert.equal(list.rank("9"), 3000);
  assert.deepEqual(list.slice(500, 1600), items.slice(500, 1600));
  assert.deepEqual(list.slice(2999, 5000), items.slice(2999));
  assert.deepEqual(list.slice(10, 10), []);
  assert.deepEqual(list.slice(20, 10), []);
});

test("OrderedList: clone goes its own way", () => {
  const list = new OrderedList<Item>([{ key: "a", value: 1 }]);
  const copy = list.clone();
  list.set({ key: "b", value: 2 });
  copy.delete("a");
  assert.deepEqual([list.size, copy.size], [2, 0]);
  assert.deepEqual(copy.slice(), []);
});

test("OrderedList: empty", () => {
  const list = new OrderedList<Item>();
  assert.equal(list.get("a"), undefined);
  assert.equal(list.delete("a"), undefined);
  assert.equal(list.rank("a"), 0);
  assert.deepEqual(list.slice(), []);
});

function compare(list: OrderedList<Item>, model: ReadonlyMap<string, Item>): void {
  const sorted = [...model.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  assert.deepEqual(list.slice(), sorted);
  assert.equal(list.size, sorted.length);
}
