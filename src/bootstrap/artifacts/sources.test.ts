import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { digestOf } from "./bundle-index.ts";
import { readBundle } from "./read-bundle.ts";
import { createBundleSource, createNetworkSource } from "./sources.ts";
import { writeBundle } from "./write-bundle.ts";

const { signal } = new AbortController();
/** Its digest is not pinned: its publisher is asked. */
const kubeProxy = "https://dl.k8s.io/v1.36.2/bin/linux/amd64/kube-proxy";
const nothingOwn = async () => undefined;

function tempFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "slipway-sources-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

function fakeFetch(answers: Record<string, string>) {
  const asked: string[] = [];
  const fetch = async (url: string | URL | Request) => {
    asked.push(String(url));
    const body = answers[String(url)];
    return new Response(body ?? "", { status: body === undefined ? 404 : 200 });
  };
  return { fetch: fetch as typeof globalThis.fetch, asked };
}

test("network source: a program is fetched once and checked against its publisher's digest", async (t) => {
  const folder = tempFolder(t);
  const digest = digestOf(Buffer.from("bytes")).slice("sha256:".length);
  const { fetch, asked } = fakeFetch({ [kubeProxy]: "bytes", [`${kubeProxy}.sha256`]: `${digest}\n` });
  const source = createNetworkSource({ folder, own: nothingOwn, fetch });
  const file = await source.locate("kube-proxy-1.36.2-linux-amd64", { signal });
  assert.equal(readFileSync(file, "utf8"), "bytes");
  assert.equal(await source.locate("kube-proxy-1.36.2-linux-amd64", { signal }), file);
  assert.deepEqual(asked, [`${kubeProxy}.sha256`, kubeProxy]);
});

test("network source: other bytes, no digest, no such file, no such program: refused, and nothing kept", async (t) => {
  const folder = tempFolder(t);
  const locate = (answers: Record<string, string>, name = "kube-proxy-1.36.2-linux-amd64") =>
    createNetworkSource({ folder, own: nothingOwn, ...fakeFetch(answers) }).locate(name, { signal });
  const sums = { [`${kubeProxy}.sha256`]: "0".repeat(64) };
  await assert.rejects(locate({ ...sums, [kubeProxy]: "bytes" }), /Cannot fetch kube-proxy: its digest is sha256:/);
  await assert.rejects(locate({ [kubeProxy]: "bytes", [`${kubeProxy}.sha256`]: "?" }), /its publisher gives no digest/);
  await assert.rejects(locate(sums), /Cannot fetch kube-proxy: the server answered 404/);
  await assert.rejects(locate({}, "what-1.0-linux-amd64"), /the catalogue of artifacts has no such program/);
  assert.throws(() => readFileSync(join(folder, "kube-proxy-1.36.2-linux-amd64")), { code: "ENOENT" });
});

test("network source: a pinned digest is what counts; its publisher is not asked for one", async (t) => {
  const kubeadm = "https://dl.k8s.io/v1.36.2/bin/linux/amd64/kubeadm";
  const digest = digestOf(Buffer.from("bytes")).slice("sha256:".length);
  const { fetch, asked } = fakeFetch({ [kubeadm]: "bytes", [`${kubeadm}.sha256`]: digest });
  const source = createNetworkSource({ folder: tempFolder(t), own: nothingOwn, fetch });
  await assert.rejects(source.locate("kubeadm-1.36.2-linux-amd64", { signal }), /its digest is sha256:/);
  assert.deepEqual(asked, [kubeadm]);
});

test("network source: who asks for what is under way waits for that, also where its first asker gives it up", async (t) => {
  const name = "kube-proxy-1.36.2-linux-amd64";
  const digest = digestOf(Buffer.from("bytes")).slice("sha256:".length);
  const { fetch, asked } = fakeFetch({ [kubeProxy]: "bytes", [`${kubeProxy}.sha256`]: digest });
  const folder = tempFolder(t);
  const source = createNetworkSource({ folder, own: nothingOwn, fetch });
  const files = await Promise.all([1, 2, 3].map(() => source.locate(name, { signal })));
  assert.deepEqual(files, Array(3).fill(join(folder, name)));
  assert.equal(asked.length, 2);
  assert.deepEqual(readdirSync(folder), [name]);

  const impatient = new AbortController();
  const other = createNetworkSource({ folder: tempFolder(t), own: nothingOwn, fetch });
  const first = other.locate(name, { signal: impatient.signal });
  const second = other.locate(name, { signal });
  impatient.abort();
  await assert.rejects(first, { name: "AbortError" });
  assert.equal(readFileSync(await second, "utf8"), "bytes");
});

test("network source: two that keep their files in one folder do not get in each other's way", async (t) => {
  const digest = digestOf(Buffer.from("bytes")).slice("sha256:".length);
  const answers = fakeFetch({ [kubeProxy]: "bytes", [`${kubeProxy}.sha256`]: digest });
  const folder = tempFolder(t);
  const locate = () =>
    createNetworkSource({ folder, own: nothingOwn, ...answers }).locate("kube-proxy-1.36.2-linux-amd64", { signal });
  await Promise.all([locate(), locate(), locate()]);
  assert.deepEqual(readdirSync(folder), ["kube-proxy-1.36.2-linux-amd64"]);
});

test("network source: what is here already needs no network; a manifest is checked where its digest is known", async (t) => {
  const folder = tempFolder(t);
  const { fetch } = fakeFetch({ "https://x.test/a.yaml": "kind: List" });
  const source = createNetworkSource({
    folder,
    own: async (name) => (name === "node" ? "/bin/node" : undefined),
    fetch,
  });
  assert.equal(await source.locate("node", { signal }), "/bin/node");
  const digest = digestOf(Buffer.from("kind: List"));
  assert.equal(String(await source.read("https://x.test/a.yaml", { signal, digest })), "kind: List");
  await assert.rejects(source.read("https://x.test/a.yaml", { signal, digest: "sha256:0" }), /its digest is/);
});

test("bundle source: programs, manifests, packages and images come from it, and nothing else from anywhere", async (t) => {
  const folder = tempFolder(t);
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  await writeBundle(join(folder, "b.tar"), {
    about: {
      created: "2026-01-02T03:04:05Z",
      slipway: "1",
      distribution: "kubeadm",
      kubernetesVersion: "1.36.2",
      platform: "linux-amd64",
    },
    signal,
    artifacts: [
      { name: "kube-proxy-1.36.2-linux-amd64", kind: "program", version: "1.36.2", source: write("kubelet", "k") },
      { name: "https://x.test/a.yaml", kind: "manifest", version: "1", source: write("a.yaml", "kind: List") },
      {
        name: "runc",
        kind: "package",
        version: "1.1",
        control: "Package: runc\nVersion: 1.1",
        source: write("r", "deb"),
      },
      { name: "registry.test/pause:1", kind: "image", version: "1", source: write("p", "tar") },
    ],
  });
  const unpacked = join(folder, "out");
  await readBundle(join(folder, "b.tar"), { signal, unpackTo: unpacked });
  const source = createBundleSource(unpacked, nothingOwn);
  assert.equal(source.isOnline, false);
  assert.equal(readFileSync(await source.locate("kube-proxy-1.36.2-linux-amd64", { signal }), "utf8"), "k");
  assert.equal(String(await source.read("https://x.test/a.yaml", { signal })), "kind: List");
  assert.deepEqual(
    (await source.imageArchives()).map(({ path }) => path),
    [join(unpacked, "images/registry.test_pause_1.tar")],
  );
  const repository = await source.packageRepository();
  assert.match(
    readFileSync(join(repository!.folder, "Packages"), "utf8"),
    /^Package: runc\n.*Filename: \.\/runc_1\.1\.deb\n/s,
  );
  await assert.rejects(
    source.locate("kubeadm-1.36.2-linux-amd64", { signal }),
    /kubeadm-1\.36\.2.* is not in the bundle/,
  );
  await assert.rejects(source.read("https://x.test/b.yaml", { signal }), /b\.yaml is not in the bundle/);
});
