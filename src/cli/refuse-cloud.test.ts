import assert from "node:assert/strict";
import { test } from "node:test";
import { resolveConfig } from "#config";
import { UserError } from "#shared";
import { refuseCloud } from "./refuse-cloud.ts";

test("refuseCloud: machines that nobody gets onto, with what to do; all others go on", () => {
  const aws = { provider: "aws", region: "eu-central-1" } as const;
  refuseCloud(resolveConfig({}));
  refuseCloud(resolveConfig({ infrastructure: { provider: "eks", region: "eu-central-1" } }));
  const access = { ssh: ["203.0.113.7/32"] };
  refuseCloud(resolveConfig({ infrastructure: { ...aws, access, sshPublicKey: "ssh-ed25519 AAAA me@home" } }));
  assert.throws(
    () => refuseCloud(resolveConfig({ infrastructure: aws })),
    (error: UserError) => {
      assert.match(error.message, /^Cannot turn up cluster dev: nobody would get onto its machines on aws/);
      assert.match(error.hints.join("\n"), /infrastructure.sshPublicKey.*`slipway plan --write FOLDER`/s);
      return error instanceof UserError;
    },
  );
});
