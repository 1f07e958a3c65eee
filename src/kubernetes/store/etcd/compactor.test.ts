import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock, silentLogger } from "#shared";
import { runCompactor } from "./compactor.ts";
import type { EtcdClient } from "./etcd-client.ts";

/** The one key of an etcd, and what was compacted. */
function fakeEtcd() {
  const state = { revision: 10, version: 0, compacted: [] as number[] };
  const client = {
    range: async () => ({ header: { revision: state.revision } }),
    async txn({ compare }: { compare: [{ version: number }] }) {
      const succeeded = compare[0].version === state.version;
      if (succeeded) {
        state.version++;
        state.revision++;
      }
      const responses = [{ responseRange: { kvs: [{ version: state.version }] } }];
      return { succeeded, header: { revision: state.revision }, responses };
    },
    compact: async (revision: number) => void state.compacted.push(revision),
  } as unknown as EtcdClient;
  return { state, client };
}

test("runCompactor: what is older than a round goes, and of several one does it", async () => {
  const { state, client } = fakeEtcd();
  const clock = new FakeClock();
  const stop = new AbortController();
  const options = { client, clock, logger: silentLogger, intervalMs: 1000, signal: stop.signal };
  const running = [runCompactor(options), runCompactor(options)];
  await clock.advance(1000);
  assert.deepEqual(state.compacted, [], "nothing is known to be old yet");
  assert.equal(state.version, 1, "one of them wrote");
  state.revision = 50;
  await clock.advance(1000);
  assert.deepEqual(state.compacted, [11], "what was there a round ago");
  state.revision = 90;
  await clock.advance(1000);
  assert.equal(state.compacted.length, 2);
  assert.equal(state.version, 3);
  stop.abort(new Error("enough"));
  await Promise.all(running);
});
