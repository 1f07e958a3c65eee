import assert from "node:assert/strict";
import { test } from "node:test";
import { resolveConfig } from "#config";
import { UserError } from "#shared";
import { refuseCloud } from "./refuse-cloud.ts";

test("refuseCloud: a cloud whose machines cannot become nodes yet, with what works; local clusters go on", () => {
  refuseCloud(resolveConfig({}));
  const aws = resolveConfig({ infrastructure: { provider: "aws", region: "eu-central-1" } });
  assert.throws(
    () => refuseCloud(aws),
    (error: UserError) => {
      assert.match(
        error.message,
        /^Cannot turn up cluster dev: with provider aws slipway plans machines, but makes no nodes/,
      );
      assert.match(error.hints.join("\n"), /`slipway plan --write FOLDER`/);
      return error instanceof UserError;
    },
  );
});
