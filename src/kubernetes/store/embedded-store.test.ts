import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { FakeClock } from "#shared";
import type { LogLimits } from "./embedded-store.ts";
import { openEmbeddedStore } from "./embedded-store.ts";
import { testStore } from "./testing/store-suite.ts";

let root: string;
let folders = 0;

before(async () => {
  root = await mkdtemp(join(tmpdir(), "slipway-store-"));
});

after(async () => {
  await rm(root, { recursive: true });
});

function testEmbedded(name: string, log: LogLimits): void {
  testStore({
    name,
    async open({ history } = {}) {
      const clock = new FakeClock();
      const folder = join(root, String(folders++));
      const open = () => openEmbeddedStore({ folder, history, clock, log, freeze: true });
      let store = await open();
      const reopen = async () => {
        await store.close();
        store = await open();
        return store;
      };
      return { store, reopen, elapse: (ms) => clock.advance(ms) };
    },
  });
}

testEmbedded("embedded", {});
testEmbedded("embedded, with a short log", { segmentBytes: 2000, snapshotBytes: 6000, historyBytes: 3000 });
