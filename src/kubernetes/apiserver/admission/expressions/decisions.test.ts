import assert from "node:assert/strict";
import { test } from "node:test";
import { type Authorizer, alwaysAllow, type Decision } from "../../authorization/authorizer.ts";
import { createDecisions } from "./decisions.ts";

const user = { name: "u", groups: [] };

function authorizerOf(authorize: (verb: string) => Decision | Promise<Decision>) {
  const asked: string[] = [];
  const authorizer: Authorizer = {
    ...alwaysAllow,
    authorize({ verb }) {
      asked.push(verb);
      return authorize(verb);
    },
  };
  return { authorizer, asked };
}

test("createDecisions: asks each question once, and evaluates again when late answers are there", async () => {
  const { authorizer, asked } = authorizerOf(async (verb) => ({ allowed: verb === "get", reason: "" }));
  const decisions = createDecisions(authorizer, user);
  const both = () => decisions.authorize({ verb: "get" }).allowed && !decisions.authorize({ verb: "list" }).allowed;
  assert.equal(await decisions.settle(both), true);
  assert.equal(await decisions.settle(both), true);
  assert.deepEqual(asked, ["get", "list"]);
});

test("createDecisions: what was thrown for want of an answer does not count; an authorizer that fails is told of", async () => {
  const { authorizer } = authorizerOf(async () => {
    throw new Error("gone");
  });
  const decisions = createDecisions(authorizer, user);
  await assert.rejects(
    decisions.settle(() => {
      throw new Error(decisions.authorize({ verb: "get" }).error);
    }),
    /^Error: gone$/,
  );
});
