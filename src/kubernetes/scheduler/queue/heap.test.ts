import assert from "node:assert/strict";
import { test } from "node:test";
import { Heap } from "./heap.ts";

interface Item {
  rank: number;
}

test("Heap: gives its items in order, also when some were moved and some taken out between", () => {
  const heap = new Heap<Item>((a, b) => a.rank < b.rank);
  const items = Array.from({ length: 200 }, (_, at) => ({ rank: (at * 7919) % 211 }));
  for (const item of items) heap.put(item);
  for (const item of items.slice(0, 50)) assert.equal(heap.delete(item), true);
  for (const item of items.slice(50, 100)) {
    item.rank = (item.rank * 31) % 211;
    heap.put(item);
  }
  assert.equal(heap.delete(items[0]!), false);
  assert.equal(heap.size, 150);
  const ranks: number[] = [];
  for (let item = heap.pop(); item; item = heap.pop()) ranks.push(item.rank);
  assert.deepEqual(
    ranks,
    items
      .slice(50)
      .map(({ rank }) => rank)
      .sort((a, b) => a - b),
  );
});
