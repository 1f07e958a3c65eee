import assert from "node:assert/strict";
import { test } from "node:test";
import { CommandFailedError, type Exec, FakeClock, UserError } from "#shared";
import { runExecPlugin } from "./exec-credential.ts";
import { createAuthenticate } from "./http/credentials.ts";

test("runExecPlugin: asks as client-go does, and reads token and end", async () => {
  const asked: unknown[] = [];
  const exec: Exec = async (argv, options) => {
    asked.push([argv, options?.env]);
    const status = { token: "secret", expirationTimestamp: "2026-01-01T00:00:00Z" };
    return { code: 0, stdout: JSON.stringify({ kind: "ExecCredential", status }), stderr: "" };
  };
  const plugin = { command: "aws", args: ["eks", "get-token"], env: [{ name: "AWS_PROFILE", value: "me" }] };
  assert.deepEqual(await runExecPlugin(plugin, exec), { token: "secret", expiresAt: Date.UTC(2026, 0, 1) });
  const info = '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","spec":{"interactive":false}}';
  assert.deepEqual(asked, [[["aws", "eks", "get-token"], { AWS_PROFILE: "me", KUBERNETES_EXEC_INFO: info }]]);
});

test("runExecPlugin: a program that is missing is told with where to get it", async () => {
  const exec: Exec = async (argv) => {
    throw new CommandFailedError(argv, undefined, "", "", "spawn ENOENT");
  };
  await assert.rejects(runExecPlugin({ command: "kubelogin", installHint: "az aks install-cli" }, exec), (error) => {
    assert.ok(error instanceof UserError);
    assert.match(error.message, /^Cannot log in to the cluster by kubelogin: .*ENOENT/);
    assert.deepEqual(error.hints, ["az aks install-cli"]);
    return true;
  });
});

test("fetchToken: asked once, and again before the token ends", async () => {
  const clock = new FakeClock();
  let count = 0;
  const fetchToken = async () => ({ token: `t${++count}`, expiresAt: clock.now() + 60_000 });
  const authenticate = createAuthenticate({ fetchToken }, clock);
  assert.deepEqual(await authenticate(), { authorization: "Bearer t1" });
  assert.deepEqual(await authenticate(), { authorization: "Bearer t1" });
  await clock.advance(31_000);
  assert.deepEqual(await authenticate(), { authorization: "Bearer t2" });
});
