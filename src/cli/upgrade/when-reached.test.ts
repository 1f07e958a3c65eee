import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "#shared";
import { whenReached } from "./when-reached.ts";

const { signal } = new AbortController();
const refused = () => Object.assign(new Error("refused"), { code: "ECONNREFUSED" });

/** Time that passes by itself. */
function hastyClock() {
  const clock = new FakeClock();
  return {
    now: () => clock.now(),
    after: (delay: number, action: () => void) => clock.after(delay, action),
    sleep: async (delay: number) => void (await clock.advance(delay)),
  };
}

test("whenReached: asks again while nobody answers, also where only the cause tells", async () => {
  let asked = 0;
  const answer = await whenReached(
    async () => {
      if (++asked === 1) throw refused();
      if (asked === 2) throw new Error("cannot list nodes", { cause: refused() });
      return "answer";
    },
    { signal, clock: hastyClock() },
  );
  assert.equal(answer, "answer");
  assert.equal(asked, 3);
});

test("whenReached: gives up after two minutes, and at once for what no waiting mends", async () => {
  const clock = hastyClock();
  const start = clock.now();
  const never = async () => {
    throw refused();
  };
  await assert.rejects(whenReached(never, { signal, clock }), /refused/);
  assert.ok(clock.now() - start >= 120_000);
  let asked = 0;
  const wrong = async () => {
    asked++;
    throw new Error("no such node");
  };
  await assert.rejects(whenReached(wrong, { signal, clock }), /no such node/);
  assert.equal(asked, 1);
});
