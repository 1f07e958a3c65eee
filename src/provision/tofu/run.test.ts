import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type Exec, exec, UserError } from "#shared";
import type { TofuMessage } from "./messages.ts";
import { findTofu } from "./program.ts";
import { runTofu } from "./run.ts";

const command = join(import.meta.dirname, "../../../test/support/tofu/fake-tofu.mjs");

async function run(
  scene: string,
  onMessage?: (message: TofuMessage) => void,
  signal = new AbortController().signal,
): Promise<UserError | undefined> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-run-"));
  try {
    const output = join(folder, "output.jsonl");
    await runTofu({
      command,
      folder,
      args: [scene],
      output,
      signal,
      credentialsHint: "",
      ...(onMessage && { onMessage }),
    });
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("runTofu: tells what is done as it is done", async () => {
  const messages: TofuMessage[] = [];
  assert.equal(await run("apply", (message) => messages.push(message)), undefined);
  assert.deepEqual(messages, [
    { type: "progress", address: "aws_vpc.cluster", detail: "aws_vpc.cluster: creating" },
    { type: "progress", address: "aws_vpc.cluster", detail: "aws_vpc.cluster: done" },
    { type: "summary", add: 1, change: 0, remove: 0 },
  ]);
});

test("runTofu: complaints become one error, with the place and what to do", async () => {
  const error = await run("destroy");
  assert.equal(
    error?.message,
    "Cannot destroy with OpenTofu: deleting EC2 VPC (vpc-1): DependencyViolation: It is in use (aws_vpc.cluster, network.tf.json:12)",
  );
  assert.match(error.hints[0]!, /load balancers of Services/);
});

test("runTofu: what is no message is told where there is nothing else", async () => {
  const error = await run("init");
  assert.match(
    error!.message,
    /^Cannot init with OpenTofu: exit code 1: could not query available provider packages: no such host$/,
  );
  assert.match(error!.hints[0]!, /set up a mirror/);
});

test("runTofu: interrupted, it is asked to end and waited for", async () => {
  const stop = new AbortController();
  const reason = new Error("enough");
  await assert.rejects(
    run("hang", () => stop.abort(reason), stop.signal),
    reason,
  );
});

test("findTofu: named, missing, too old", async () => {
  const found = await findTofu(exec, { SLIPWAY_TOFU: command });
  assert.deepEqual(found.program, { command, version: "1.9.0" });
  const missing = await findTofu(exec, { SLIPWAY_TOFU: "/no/such/tofu" });
  assert.match(missing.program ? "" : missing.problem.message, /is not OpenTofu$/);
  const old: Exec = async () => ({ code: 0, stdout: '{"terraform_version":"1.5.7"}', stderr: "" });
  const tooOld = await findTofu(old, {});
  assert.equal(tooOld.program ? "" : tooOld.problem.message, "OpenTofu 1.5.7 is too old: 1.6.0 or newer is wanted");
});
