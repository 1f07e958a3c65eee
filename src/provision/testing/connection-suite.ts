// What every MachineConnection promises. Each kind runs it: local, and SSH against a real sshd.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { CommandFailedError, systemClock } from "#shared";
import type { MachineConnection } from "../provider.ts";

export interface ConnectionUnderTest {
  readonly connection: MachineConnection;
  stop(): Promise<void>;
}

/** `open` makes a connection to a machine that shares this host's /tmp. `skip` says why it cannot be. */
export function testConnection(name: string, open: () => Promise<ConnectionUnderTest>, skip?: string): void {
  let under: ConnectionUnderTest | undefined;
  let folder = "";
  const options = skip === undefined ? {} : { skip };
  const connection = () => under!.connection;
  const run = (argv: readonly string[], given = {}) => connection().exec(argv, given);

  before(async () => {
    if (skip !== undefined) return;
    folder = mkdtempSync(join(tmpdir(), "slipway-connection-"));
    under = await open();
  });
  after(async () => {
    await under?.connection.close();
    await under?.stop();
    if (folder !== "") rmSync(folder, { recursive: true, force: true });
  });

  test(`${name}: words arrive as they are, whatever a shell would make of them`, options, async () => {
    const words = ["it's", '"a b"', "$HOME `id`", "", "*", "\\", "one\ntwo", "ä", "-n", "~", "a;b&c|d"];
    const { stdout } = await run(["printf", "%s\\0", ...words]);
    assert.deepEqual(stdout.split("\0").slice(0, -1), words);
  });

  test(`${name}: input, output, environment and folder`, options, async () => {
    const script = 'cat; printf %s "$GREETING ${HOME-gone}" >&2; pwd';
    const given = { input: "in\n", env: { GREETING: "a 'b'", HOME: undefined }, cwd: folder };
    assert.deepEqual(await run(["sh", "-c", script], given), {
      code: 0,
      stdout: `in\n${folder}\n`,
      stderr: "a 'b' gone",
    });
    const file = join(folder, "input");
    writeFileSync(file, "from a file");
    assert.equal((await run(["cat"], { inputFile: file })).stdout, "from a file");
  });

  test(`${name}: exit codes are errors unless they are expected`, options, async () => {
    for (const code of [3, 255]) {
      await assert.rejects(run(["sh", "-c", `echo no >&2; exit ${code}`]), (error) => {
        assert.ok(error instanceof CommandFailedError);
        assert.deepEqual([error.code, error.stderr], [code, "no\n"]);
        return true;
      });
      assert.equal((await run(["sh", "-c", `exit ${code}`], { okCodes: [0, code] })).code, code);
    }
  });

  test(`${name}: the signal ends the command there, too`, options, async () => {
    const controller = new AbortController();
    const file = join(folder, "pid");
    const running = run(["sh", "-c", `echo $$ >${file}; exec sleep 600`], { signal: controller.signal });
    const pid = await eventually(async () => (await connection().readFile(file))?.toString().trim() || undefined);
    controller.abort(new Error("enough"));
    await assert.rejects(running, /enough/);
    await eventually(async () => {
      const state = await run(["sh", "-c", `grep -s ^State /proc/${Buffer.from(pid).toString()}/status || :`]);
      return state.stdout === "" || /Z/.test(state.stdout) || undefined;
    });
  });

  test(`${name}: the signal ends the command there also when the connection is closed at once`, options, async () => {
    const other = await open();
    try {
      const controller = new AbortController();
      const file = join(folder, "pid of the other");
      const argv = ["sh", "-c", 'echo $$ >"$0"; exec sleep 600', file];
      const running = other.connection.exec(argv, { signal: controller.signal });
      const pid = await eventually(async () => (await connection().readFile(file))?.toString().trim() || undefined);
      controller.abort(new Error("enough"));
      const closed = other.connection.close();
      await assert.rejects(running, /enough/);
      await closed;
      await eventually(async () => {
        const state = await run(["sh", "-c", `grep -s ^State /proc/${pid}/status || :`]);
        return state.stdout === "" || /Z/.test(state.stdout) || undefined;
      });
    } finally {
      await other.connection.close();
      await other.stop();
    }
  });

  test(`${name}: files are written with their folder and mode, replaced, and read byte by byte`, options, async () => {
    const path = join(folder, "a b/it's/file");
    assert.equal(await connection().readFile(path), undefined);
    await connection().writeFile(path, "one", 0o600);
    const bytes = randomBytes(100_000);
    await connection().writeFile(path, bytes, 0o640);
    assert.deepEqual(Buffer.from((await connection().readFile(path))!), bytes);
    assert.equal((await run(["stat", "-c", "%a", path])).stdout, "640\n");
    assert.equal((await run(["ls", join(folder, "a b/it's")])).stdout, "file\n");
    await connection().writeFile(path, "");
    assert.equal((await connection().readFile(path))?.length, 0);
  });

  test(`${name}: files of this host are uploaded, and stay where they are there already`, options, async () => {
    const [from, to] = [join(folder, "big"), join(folder, "up/loaded")];
    const bytes = randomBytes(3_000_000);
    writeFileSync(from, bytes);
    await connection().uploadFile(from, to, 0o755);
    assert.deepEqual(Buffer.from((await connection().readFile(to))!), bytes);
    assert.equal((await run(["stat", "-c", "%a", to])).stdout, "755\n");
    const { stdout: inode } = await run(["stat", "-c", "%i", to]);
    await connection().uploadFile(from, to, 0o700);
    assert.deepEqual((await run(["stat", "-c", "%i %a", to])).stdout, `${inode.trim()} 700\n`);
    writeFileSync(from, "small");
    await connection().uploadFile(from, to);
    assert.equal((await run(["cat", to])).stdout, "small");
  });
}

/** Looks until there is something. */
async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    assert.ok(Date.now() < deadline, "it never came");
    await systemClock.sleep(20);
  }
}
