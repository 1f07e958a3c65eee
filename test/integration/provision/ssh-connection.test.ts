// The SSH connection against Debian's own sshd.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { UserError } from "#shared";
import type { SshAccess } from "../../../src/provision/ssh/client-config.ts";
import { connectSshMachine } from "../../../src/provision/ssh/connection.ts";
import { testConnection } from "../../../src/provision/testing/connection-suite.ts";
import { startSshd, type TestSshd, whyNoSshd } from "../../support/ssh/sshd.ts";

const skip = whyNoSshd();
const options = skip === undefined ? {} : { skip };

function connect(access: SshAccess) {
  return connectSshMachine({ name: "demo-worker-1" }, access, new AbortController().signal);
}

testConnection(
  "ssh machine",
  async () => {
    const sshd = await startSshd();
    return { connection: await connect(sshd.access), stop: sshd.stop };
  },
  skip,
);

async function refusal(access: SshAccess): Promise<string> {
  const error = await connect(access).then(
    (connection) => connection.close().then(() => assert.fail("it let us in")),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof UserError, String(error));
  assert.ok(error.hints.length > 0);
  return error.message;
}

async function start(t: TestContext, key?: string): Promise<TestSshd> {
  const sshd = await startSshd(key);
  t.after(sshd.stop);
  return sshd;
}

test("connectSshMachine: says why it cannot get in", options, async (t) => {
  const { access, folder } = await start(t);
  const where = `demo-worker-1 (-p ${access.port} ${access.user}@127.0.0.1)`;
  assert.equal(
    await refusal({ ...access, identityFile: `${folder}/host_key` }),
    `Cannot reach machine ${where}: it does not let us in`,
  );
  assert.equal(
    await refusal({ ...access, port: 1 }),
    `Cannot reach machine ${where.replace(String(access.port), "1")}: nothing listens there`,
  );
  assert.match(await refusal({ ...access, host: "no.such.host.invalid" }), /its name is not known$/);
});

test("connectSshMachine: a host whose key changes is refused, until the old one is forgotten", options, async (t) => {
  const sshd = await start(t);
  const connection = await connect(sshd.access);
  await connection.close();
  await sshd.changeHostKey();
  assert.match(await refusal(sshd.access), /its host key is not the one that is known$/);
});

test("connectSshMachine: goes through jump hosts, by the same keys", options, async (t) => {
  const gate = await start(t);
  const { access } = await start(t, gate.access.identityFile);
  // Another name: what is set for a machine would hold for a gate of the same name.
  const jumpHosts = [`${gate.access.user}@localhost:${gate.access.port}`];
  const connection = await connect({ ...access, jumpHosts });
  const { stdout } = await connection.exec(["sh", "-c", "echo $SSH_CONNECTION"]).finally(connection.close);
  assert.match(stdout, new RegExp(` 127\\.0\\.0\\.1 ${access.port}\n$`));
  await gate.stop();
  const refused = await refusal({ ...access, jumpHosts });
  assert.match(refused, /^Cannot reach machine demo-worker-1/);
});

test(
  "connectSshMachine: an answer that is awaited ends with the signal; nothing is left behind",
  options,
  async (t) => {
    const { access } = await start(t);
    const folder = useOwnTmpdir(t);
    const connection = await connect(access);
    await connection.close();
    await assert.rejects(connectSshMachine({ name: "a" }, access, AbortSignal.abort(new Error("enough"))), /enough/);
    assert.deepEqual(readdirSync(folder), []);
  },
);

/** A place for temporary files where no other process puts any. Short: a socket is made below it. */
function useOwnTmpdir(t: TestContext): string {
  const before = process.env.TMPDIR;
  const folder = mkdtempSync("/tmp/ssh-");
  process.env.TMPDIR = folder;
  t.after(() => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    rmSync(folder, { recursive: true });
  });
  return folder;
}
