import assert from "node:assert/strict";
import { test } from "node:test";
import type { Job } from "#kubernetes/api";
import { msToLive } from "./plan.ts";

const end = Date.UTC(2026, 0, 1);
const job = (type: string, ttlSecondsAfterFinished?: number): Job => ({
  metadata: { name: "j" },
  spec: {
    template: { spec: { containers: [] } },
    ...(ttlSecondsAfterFinished !== undefined && { ttlSecondsAfterFinished }),
  },
  status: { conditions: [{ type, status: "True", lastTransitionTime: "2026-01-01T00:00:00Z" }] },
});

test("msToLive: from the end of the Job, however it ended", () => {
  assert.equal(msToLive(job("Complete", 60), end + 10_000), 50_000);
  assert.equal(msToLive(job("Failed", 60), end + 70_000), -10_000);
  assert.equal(msToLive(job("Complete", 0), end), 0);
});

test("msToLive: nothing to say of others", () => {
  assert.equal(msToLive(job("Complete"), end), undefined);
  assert.equal(msToLive(job("Suspended", 60), end), undefined);
  assert.equal(
    msToLive({ ...job("Complete", 60), metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } }, end),
    undefined,
  );
  assert.equal(msToLive(undefined, end), undefined);
});
