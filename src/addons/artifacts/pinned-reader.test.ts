import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { UserError } from "#shared";
import { createPinnedReader } from "./pinned-reader.ts";

const { signal } = new AbortController();
const digestOf = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;

function start(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "slipway-pinned-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const lockFile = join(folder, "addons.lock.json");
  const files: Record<string, string> = {};
  const asked: string[] = [];
  const source = {
    async read(url: string) {
      asked.push(url);
      return Buffer.from(files[url]!);
    },
  };
  const open = (cache = "cache") => createPinnedReader(source, { cache: join(folder, cache), lockFile });
  const lock = () => JSON.parse(readFileSync(lockFile, "utf8")) as unknown;
  return { files, asked, open, lock, lockFile };
}

test("createPinnedReader: what nobody has pinned is noted when first read, and held to that from then on", async (t) => {
  const { files, asked, open, lock } = start(t);
  const url = "https://example.com/a.yaml";
  files[url] = "one";
  files["https://example.com/b.yaml"] = "b";
  await Promise.all([open().read({ url }, signal), open().read({ url: "https://example.com/b.yaml" }, signal)]);
  assert.deepEqual(lock(), { artifacts: { [url]: digestOf("one"), "https://example.com/b.yaml": digestOf("b") } });
  files[url] = "two";
  assert.equal(Buffer.from(await open().read({ url }, signal)).toString(), "one");
  assert.equal(asked.length, 2, "kept");
  await assert.rejects(
    open("elsewhere").read({ url }, signal),
    /is sha256:\w+, but was sha256:\w+ when it was first read/,
  );
});

test("createPinnedReader: a pinned file needs no note, and is refused where it is another", async (t) => {
  const { files, open, lockFile } = start(t);
  const url = "https://example.com/a.yaml";
  files[url] = "one";
  await open().read({ url, digest: digestOf("one") }, signal);
  assert.throws(() => readFileSync(lockFile));
  await assert.rejects(open().read({ url, digest: digestOf("two") }, signal), /Cannot use https/);
});

test("createPinnedReader: a lock file that is none is refused by its path, and stays", async (t) => {
  const { files, open, lockFile } = start(t);
  const url = "https://example.com/a.yaml";
  files[url] = "one";
  for (const text of ['{"artifacts": {', "{}", "null", '{"artifacts": {"x": 1}}']) {
    writeFileSync(lockFile, text);
    await assert.rejects(open().read({ url }, signal), (error: UserError) => {
      assert.ok(error instanceof UserError && error.message.startsWith(`Cannot read ${lockFile}: `), String(error));
      return true;
    });
    assert.equal(readFileSync(lockFile, "utf8"), text);
  }
});
