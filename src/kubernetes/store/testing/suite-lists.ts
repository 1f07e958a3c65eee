// The part of the store suite about lists: order, prefixes, pages, and the state at earlier revisions.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Collection, ListOptions, ListResult } from "../store.ts";
import { put, remove, show } from "./objects.ts";
import type { Engine } from "./store-suite.ts";

export function testLists(engine: Engine): void {
  test("list: in key order, only this collection's", async () => {
    const { store } = await engine.open();
    const pods = store.collection("/registry/pods/");
    await put(store.collection("/registry/secrets/"), "a/1", "no");
    for (const key of ["b/2", "a/1", "b/10", "c/1", "a-b/1"]) await put(pods, key, "x");
    const { items, revision, remaining } = await pods.list();
    assert.deepEqual(keysOf(items), ["a-b/1", "a/1", "b/10", "b/2", "c/1"]);
    assert.equal(revision, store.revision);
    assert.equal(remaining, 0);
    assert.equal(pods.count(), 5);
    await store.close();
  });

  test("list: keyPrefix, after and limit, together and alone", async () => {
    const { store } = await engine.open();
    const pods = store.collection("/registry/pods/");
    for (const key of ["a/1", "b/1", "b/2", "b/3", "b-c/1", "c/1"]) await put(pods, key, "x");
    const cases: readonly [ListOptions, string, number][] = [
      [{ keyPrefix: "b/" }, "b/1 b/2 b/3", 0],
      [{ keyPrefix: "b" }, "b-c/1 b/1 b/2 b/3", 0],
      [{ keyPrefix: "d/" }, "", 0],
      [{ after: "b/1" }, "b/2 b/3 c/1", 0],
      [{ after: "b/15" }, "b/2 b/3 c/1", 0],
      [{ after: "zzz" }, "", 0],
      [{ limit: 2 }, "a/1 b-c/1", 4],
      [{ limit: 6 }, "a/1 b-c/1 b/1 b/2 b/3 c/1", 0],
      [{ limit: 0 }, "", 6],
      [{ keyPrefix: "b/", limit: 2 }, "b/1 b/2", 1],
      [{ keyPrefix: "b/", after: "b/1", limit: 1 }, "b/2", 1],
      [{ keyPrefix: "b/", after: "a/1" }, "b/1 b/2 b/3", 0],
      [{ keyPrefix: "b/", after: "c/1" }, "", 0],
    ];
    for (const [options, keys, remaining] of cases) {
      const list = await pods.list(options);
      assert.deepEqual([keysOf(list.items).join(" "), list.remaining], [keys, remaining], JSON.stringify(options));
    }
    await store.close();
  });

  test("list: at every revision there was, the state then", async () => {
    const { store } = await engine.open();
    const pods = store.collection("/registry/pods/");
    const states = new Map([[store.revision, ""]]);
    const remember = async () => states.set(store.revision, shown(await pods.list()));
    for (const key of ["a", "b", "c", "d"]) {
      await put(pods, key, "1");
      await remember();
    }
    await put(pods, "b", "2");
    await remember();
    await remove(pods, "a");
    await remember();
    await put(store.collection("/registry/secrets/"), "a", "elsewhere");
    await remember();
    await put(pods, "a", "3");
    await remember();
    await remove(pods, "d");
    await remember();
    assert.equal(states.size, 10);
    for (const [revision, state] of states) {
      const list = await pods.list({ revision });
      assert.equal(shown(list), state, `at revision ${revision}`);
      assert.equal(list.revision, revision);
    }
    await store.close();
  });

  test("list: pages at one revision fit together, whatever is written between them", async () => {
    const { store } = await engine.open();
    const pods = store.collection("/registry/pods/");
    for (let at = 10; at < 60; at++) await put(pods, `default/${at}`, "old");
    const whole = shown(await pods.list());
    const { revision } = store;
    for (const limit of [1, 7, 50]) {
      assert.equal(await readPages(pods, { revision, limit }), whole, `in pages of ${limit}`);
    }
    await store.close();
  });

  test("list: at a revision yet to come fails", async () => {
    const { store } = await engine.open();
    await assert.rejects(store.collection("/registry/pods/").list({ revision: store.revision + 1 }), /the newest is/);
    await store.close();
  });
}

async function readPages(pods: Collection, { revision, limit }: { revision: number; limit: number }): Promise<string> {
  const pages: string[] = [];
  let after: string | undefined;
  for (let at = 0; ; at++) {
    const page = await pods.list({ keyPrefix: "default/", revision, limit, after });
    pages.push(shown(page));
    const seen = pages.join(" ").split(" ").length;
    assert.equal(page.remaining, 50 - seen);
    await put(pods, `default/${10 + ((at * 13) % 50)}`, "new");
    await put(pods, `default/1${limit}${at}`, "more");
    await remove(pods, `default/${10 + ((at * 7) % 50)}`).catch(() => {});
    if (page.remaining === 0) return pages.join(" ");
    after = page.items.at(-1)?.key;
  }
}

function keysOf(items: ListResult["items"]): string[] {
  return items.map(({ key }) => key);
}

function shown(list: ListResult): string {
  return list.items.map((stored) => `${show(stored)}@${stored.revision}`).join(" ");
}
