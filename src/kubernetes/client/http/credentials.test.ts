import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "#shared";
import { createAuthenticate } from "./credentials.ts";

test("createAuthenticate: however many requests find the token expired, it is fetched once", async () => {
  const clock = new FakeClock(0);
  let fetched = 0;
  const fetchToken = async () => ({ token: `t${++fetched}`, expiresAt: clock.now() + 60_000 });
  const authenticate = createAuthenticate({ fetchToken }, clock);
  const ten = () => Promise.all(Array.from({ length: 10 }, () => authenticate()));
  assert.deepEqual(new Set((await ten()).map(({ authorization }) => authorization)), new Set(["Bearer t1"]));
  await clock.advance(45_000);
  assert.deepEqual(new Set((await ten()).map(({ authorization }) => authorization)), new Set(["Bearer t2"]));
  assert.equal(fetched, 2);
});

test("createAuthenticate: a fetch that failed is tried again", async () => {
  const answers = [Promise.reject(new Error("no plug-in")), Promise.resolve({ token: "t" })];
  const authenticate = createAuthenticate({ fetchToken: () => answers.shift()! }, new FakeClock(0));
  await assert.rejects(authenticate(), /no plug-in/);
  assert.deepEqual(await authenticate(), { authorization: "Bearer t" });
});
