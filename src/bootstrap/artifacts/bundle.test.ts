import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { bundleFormat, digestOf, fileInBundle, parseBundleIndex } from "./bundle-index.ts";
import { readBundle } from "./read-bundle.ts";
import { readTar, writeTar } from "./tar-stream.ts";
import { writeBundle } from "./write-bundle.ts";

const { signal } = new AbortController();
const about = {
  created: "2026-01-02T03:04:05.678Z",
  slipway: "0.1.0",
  distribution: "slipway",
  kubernetesVersion: "1.36.2",
  platform: "linux-amd64",
};

function tempFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "slipway-bundle-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function makeBundle(folder: string, suffix: string) {
  const file = join(folder, `demo${suffix}`);
  const write = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  await writeBundle(file, {
    about,
    signal,
    artifacts: [
      {
        name: "kubelet-1.36.2-linux-amd64",
        kind: "program",
        version: "1.36.2",
        platform: "linux-amd64",
        licence: "Apache-2.0",
        source: write("kubelet", "kubelet's bytes".repeat(1000)),
      },
      { name: "runc", kind: "package", version: "1.1.5+ds1-1", platform: "linux-amd64", source: write("runc", "deb") },
      { name: "registry.test/a/b:1", kind: "image", version: "1", source: write("image", "") },
    ],
  });
  return file;
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return all;
}

/** A bundle's members, changed, as a bundle again. */
async function tamper(file: string, change: (files: Map<string, Buffer>) => void): Promise<void> {
  const files = new Map<string, Buffer>();
  const archive = (async function* () {
    yield readFileSync(file);
  })();
  for await (const { path, body } of readTar(archive)) files.set(path, Buffer.concat(await collect(body)));
  change(files);
  const entries = [...files].map(([path, content]) => ({ path, size: content.length, content }));
  writeFileSync(file, Buffer.concat(await collect(writeTar(entries))));
}

for (const suffix of [".tar", ".tar.gz", ".tar.zst"]) {
  test(`readBundle: unpacks what writeBundle has packed (${suffix})`, async (t) => {
    const folder = tempFolder(t);
    const file = await makeBundle(folder, suffix);
    const index = await readBundle(file, { signal, unpackTo: join(folder, "out") });
    assert.deepEqual(
      index.artifacts.map(({ file: path }) => path),
      ["images/registry.test_a_b_1.tar", "packages/runc_1.1.5+ds1-1.deb", "programs/kubelet-1.36.2-linux-amd64"],
    );
    for (const { file: path, digest, size } of index.artifacts) {
      const bytes = readFileSync(join(folder, "out", path));
      assert.equal(digestOf(bytes), digest);
      assert.equal(bytes.length, size);
    }
    assert.deepEqual(parseBundleIndex(readFileSync(join(folder, "out/index.json")), "it"), index);
  });

  test(`readBundle: a bundle that is cut short is refused, and nothing of it stays (${suffix})`, async (t) => {
    const folder = tempFolder(t);
    const file = await makeBundle(folder, suffix);
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.subarray(0, Math.floor(bytes.length * 0.6)));
    const unpackTo = join(folder, "out");
    await assert.rejects(readBundle(file, { signal, unpackTo }), /^UserError: Cannot use bundle demo\.tar/);
    assert.throws(() => readFileSync(join(unpackTo, "index.json")), { code: "ENOENT" });
  });
}

test("readBundle: what is damaged, missing or too much is named", async (t) => {
  const file = await makeBundle(tempFolder(t), ".tar");
  await tamper(file, (files) => {
    files.set("programs/kubelet-1.36.2-linux-amd64", Buffer.from("other bytes"));
    files.delete("packages/runc_1.1.5+ds1-1.deb");
    files.set("programs/intruder", Buffer.from("x"));
  });
  await assert.rejects(readBundle(file, { signal }), (error: Error & { hints: string[] }) => {
    assert.match(error.message, /programs\/kubelet-1\.36\.2-linux-amd64 is damaged.*2 more problems/);
    assert.deepEqual(error.hints, [
      "programs/intruder is not in its index",
      "packages/runc_1.1.5+ds1-1.deb is missing",
    ]);
    return true;
  });
});

test("readBundle: what is no bundle is said to be none", async (t) => {
  const folder = tempFolder(t);
  const file = join(folder, "x.tar");
  await assert.rejects(readBundle(file, { signal }), /there is no such file/);
  writeFileSync(file, "hello ".repeat(1000));
  await assert.rejects(readBundle(file, { signal }), /Cannot use bundle x\.tar: it is no tar archive/);
  writeFileSync(file, Buffer.concat(await collect(writeTar([{ path: "a", size: 1, content: Buffer.from("a") }]))));
  await assert.rejects(readBundle(file, { signal }), /it begins with a, not with index\.json/);
});

test("writeBundle: a file that is not what its publisher says is refused", async (t) => {
  const folder = tempFolder(t);
  writeFileSync(join(folder, "k3s"), "not it");
  const origin = { name: "k3s", kind: "program", version: "1", digest: `sha256:${"0".repeat(64)}` } as const;
  await assert.rejects(
    writeBundle(join(folder, "b.tar"), { about, signal, artifacts: [{ ...origin, source: join(folder, "k3s") }] }),
    /Cannot bundle k3s: its digest is sha256:[0-9a-f]+, not sha256:0+/,
  );
});

test("parseBundleIndex: a file's name leads nowhere else", () => {
  const artifact = { name: "a", kind: "program", version: "1", size: 1, digest: digestOf(Buffer.from("a")) };
  const parse = (file: string) => {
    const index = { format: bundleFormat, artifacts: [{ ...artifact, file }] };
    return parseBundleIndex(Buffer.from(JSON.stringify(index)), "it");
  };
  assert.equal(parse("programs/a").artifacts.length, 1);
  for (const file of ["../a", "programs/../../a", "/etc/passwd", "programs/..", "packages/a"]) {
    assert.throws(() => parse(file), /damaged/, file);
  }
});

test("fileInBundle: short, and different for different names", () => {
  const long = (end: string) =>
    fileInBundle({ name: `https://x.test/${"y".repeat(100)}${end}`, kind: "manifest", version: "1" });
  assert.ok(long("a").length < 100);
  assert.notEqual(long("a"), long("b"));
});

test("the bill of materials: SPDX 2.3, one package each, with licence, checksum and purl", async (t) => {
  const folder = tempFolder(t);
  await readBundle(await makeBundle(folder, ".tar"), { signal, unpackTo: join(folder, "out") });
  const sbom = JSON.parse(readFileSync(join(folder, "out/sbom.spdx.json"), "utf8"));
  assert.equal(sbom.spdxVersion, "SPDX-2.3");
  assert.equal(sbom.creationInfo.created, "2026-01-02T03:04:05Z");
  const kubelet = sbom.packages.find(({ name }: { name: string }) => name.startsWith("kubelet"));
  assert.equal(kubelet.licenseDeclared, "Apache-2.0");
  assert.match(kubelet.checksums[0].checksumValue, /^[0-9a-f]{64}$/);
  assert.deepEqual(
    sbom.packages.map(({ SPDXID }: { SPDXID: string }) => /^SPDXRef-[A-Za-z0-9.-]+$/.test(SPDXID)),
    [true, true, true],
  );
  assert.equal(new Set(sbom.packages.map(({ SPDXID }: { SPDXID: string }) => SPDXID)).size, 3);
  const runc = sbom.packages.find(({ name }: { name: string }) => name === "runc");
  assert.equal(runc.externalRefs[0].referenceLocator, "pkg:deb/debian/runc@1.1.5%2Bds1-1?arch=amd64");
});
