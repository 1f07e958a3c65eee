import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { ArtifactSource } from "./artifact.ts";
import { findMachineOrigins } from "./machine-origins.ts";

function sourceOf(t: TestContext, content: string) {
  const folder = mkdtempSync(join(tmpdir(), "slipway-origins-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const located: string[] = [];
  const source = {
    locate: async (name: string) => {
      located.push(name);
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    },
  } as unknown as ArtifactSource;
  return { source, located };
}

test("findMachineOrigins: in the folder under their names, each with the digest it has here, looked up once", async (t) => {
  const { source, located } = sourceOf(t, "program");
  const { signal } = t;
  const digest = `sha256:${createHash("sha256").update("program").digest("hex")}`;
  for (const folderUrl of ["https://one.example/a", "https://two.example"]) {
    const origins = await findMachineOrigins(["slipway-agent-1-abc"], { folderUrl, source, signal });
    const { url, digest: found } = origins.get("slipway-agent-1-abc")!;
    assert.deepEqual([url, found], [`${folderUrl}/slipway-agent-1-abc`, digest]);
  }
  assert.deepEqual(located, ["slipway-agent-1-abc"]);
});

test("findMachineOrigins: where no folder is named, what is published is fetched from there; nothing else can be", async (t) => {
  const { source, located } = sourceOf(t, "");
  const { signal } = t;
  const origins = await findMachineOrigins(["kubelet-1.36.2-linux-amd64"], { source, signal });
  assert.match(origins.get("kubelet-1.36.2-linux-amd64")!.url!, /^https:\/\/dl\.k8s\.io\/v1\.36\.2\//);
  assert.deepEqual(located, []);
  await assert.rejects(
    findMachineOrigins(["slipway-agent-1-abc"], { source, signal }),
    /Cannot let machines fetch slipway-agent-1-abc: it is not known where it is published/,
  );
});
