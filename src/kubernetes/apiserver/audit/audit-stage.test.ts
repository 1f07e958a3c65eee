import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLogger, systemClock } from "#shared";
import type { Answer, Call } from "../call.ts";
import type { AuditEvent } from "./audit-event.ts";
import { readAuditPolicy } from "./audit-policy.ts";
import { createAuditStages } from "./audit-stage.ts";

const policy = readAuditPolicy("{apiVersion: audit.k8s.io/v1, kind: Policy, rules: [{level: Metadata}]}");

function callOf(): Call {
  return {
    request: { method: "GET", path: "/version", query: new URLSearchParams(), headers: {} },
    user: { name: "u", groups: [] },
    info: { isResourceRequest: false, verb: "get", path: "/version" },
  } as unknown as Call;
}

function stagesFailingAt(failing: string) {
  const write = ({ stage }: { stage: string }) => {
    if (stage === failing) throw new Error("the disk is full");
  };
  return createAuditStages({ policy, sink: { write } }, { clock: systemClock, logger: silentLogger });
}

const answer = { kind: "object", status: 200, document: { object: {} } } as unknown as Answer;

test("createAuditStages: a request that cannot be written down is refused before anything is done", async () => {
  let isDone = false;
  const handler = stagesFailingAt("RequestReceived").wrap(async () => {
    isDone = true;
    return answer;
  });
  await assert.rejects(async () => handler(callOf()), /failed to store audit event/);
  assert.equal(isDone, false);
});

test("createAuditStages: what was done is answered, though its end cannot be written down", async () => {
  assert.equal(await stagesFailingAt("ResponseComplete").wrap(async () => answer)(callOf()), answer);
  const refused = stagesFailingAt("ResponseComplete").wrap(async () => {
    throw new Error("the refusal");
  });
  await assert.rejects(async () => refused(callOf()), /the refusal/);
});

test("createAuditStages: what authentication had to say is in the events", async () => {
  const written: unknown[] = [];
  const sink = { write: ({ annotations }: AuditEvent) => void written.push(annotations) };
  const stages = createAuditStages({ policy, sink }, { clock: systemClock, logger: silentLogger });
  const authenticationAnnotations = { "authentication.k8s.io/legacy-token-manual-secret": "robot" };
  await stages.wrap(async () => answer)({ ...callOf(), authenticationAnnotations });
  assert.deepEqual(written.at(-1), authenticationAnnotations);
});
