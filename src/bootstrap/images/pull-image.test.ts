import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { readTar } from "../artifacts/tar-stream.ts";
import { readImageNames } from "./image-names.ts";
import { parseImageReference, renderMirrorHosts, repositoryUrls } from "./image-reference.ts";
import { pullImage } from "./pull-image.ts";
import { createTar } from "./tar.ts";

const { signal } = new AbortController();
const digestOf = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;

const layer = "a layer";
const config = JSON.stringify({ architecture: "amd64", os: "linux" });
const manifest = JSON.stringify({
  mediaType: "application/vnd.oci.image.manifest.v1+json",
  config: { mediaType: "c", digest: digestOf(config), size: config.length },
  layers: [{ mediaType: "l", digest: digestOf(layer), size: layer.length }],
});
const index = JSON.stringify({
  manifests: [{ digest: digestOf(manifest), platform: { os: "linux", architecture: "amd64" } }],
});

/** A registry that wants a token, below /v2 of a host. */
function fakeRegistry(host: string, blobs: Record<string, string> = {}) {
  const base = `https://${host}/v2/team/app`;
  const answers: Record<string, string> = {
    [`${base}/manifests/1.0`]: index,
    [`${base}/manifests/${digestOf(manifest)}`]: manifest,
    [`${base}/blobs/${digestOf(config)}`]: config,
    [`${base}/blobs/${digestOf(layer)}`]: layer,
    ...blobs,
  };
  const asked: string[] = [];
  const request = async (input: string | URL | Request, init: RequestInit = {}) => {
    const url = String(input);
    asked.push(url);
    if (url.startsWith("https://auth.test/token")) return Response.json({ token: "t0" });
    const { authorization } = init.headers as Record<string, string>;
    if (url.startsWith(base) && authorization !== "Bearer t0") {
      const challenge = 'Bearer realm="https://auth.test/token",service="s",scope="repository:team/app:pull"';
      return new Response("", { status: 401, headers: { "www-authenticate": challenge } });
    }
    return answers[url] === undefined ? new Response("", { status: 404 }) : new Response(answers[url]);
  };
  return { fetch: request as typeof fetch, asked };
}

function tempFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "slipway-pull-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test("pullImage: the platform's image, by a token, as an OCI archive with its name", async (t) => {
  const folder = tempFolder(t);
  const { fetch, asked } = fakeRegistry("registry.test");
  const file = join(folder, "app.tar");
  await pullImage("registry.test/team/app:1.0", { platform: "linux-amd64", file, signal, fetch });
  const members = new Map<string, string>();
  const bytes = (async function* () {
    yield readFileSync(file);
  })();
  for await (const { path, body } of readTar(bytes)) {
    let text = "";
    for await (const chunk of body) text += Buffer.from(chunk).toString();
    members.set(path, text);
  }
  assert.equal(members.get(`blobs/sha256/${digestOf(layer).slice(7)}`), layer);
  assert.equal(members.get(`blobs/sha256/${digestOf(manifest).slice(7)}`), manifest);
  const { manifests } = JSON.parse(members.get("index.json")!);
  assert.equal(manifests[0].annotations["io.containerd.image.name"], "registry.test/team/app:1.0");
  assert.ok(asked[1]?.includes("scope=repository%3Ateam%2Fapp%3Apull"));
  assert.deepEqual(readdirSync(folder), ["app.tar"]);
});

test("pullImage: a mirror first, and the registry where the mirror has it not", async (t) => {
  const file = join(tempFolder(t), "app.tar");
  const { fetch, asked } = fakeRegistry("registry.test");
  const mirrors = { "registry.test": ["https://mirror.test:5000/proxy/"] };
  await pullImage("registry.test/team/app:1.0", { platform: "linux-amd64", file, signal, fetch, mirrors });
  assert.equal(asked[0], "https://mirror.test:5000/v2/proxy/team/app/manifests/1.0");
});

test("pullImage: what is wrong is said, and nothing is left", async (t) => {
  const folder = tempFolder(t);
  const file = join(folder, "app.tar");
  const pull = (image: string, platform = "linux-amd64", blobs = {}) =>
    pullImage(image, { platform, file, signal, fetch: fakeRegistry("registry.test", blobs).fetch });
  await assert.rejects(pull("registry.test/team/app:2.0"), /app:2\.0: registry\.test answered 404/);
  await assert.rejects(pull("registry.test/team/app:1.0", "linux-arm64"), /it is not there for linux-arm64/);
  const tampered = { [`https://registry.test/v2/team/app/blobs/${digestOf(layer)}`]: "another layer" };
  await assert.rejects(pull("registry.test/team/app:1.0", "linux-amd64", tampered), /its digest is sha256:/);
  assert.deepEqual(readdirSync(folder), []);
});

test("parseImageReference: registries' short forms; repositoryUrls: mirrors before it", () => {
  const parse = parseImageReference;
  assert.deepEqual(parse("busybox"), { registry: "docker.io", repository: "library/busybox", reference: "latest" });
  const pause = parse("registry.k8s.io/pause:3.10");
  assert.deepEqual(pause, { registry: "registry.k8s.io", repository: "pause", reference: "3.10" });
  assert.equal(parse("localhost:5000/a/b@sha256:12").reference, "sha256:12");
  assert.throws(() => parse("registry.test/UPPER"), /that is no image's name/);
  assert.deepEqual(repositoryUrls(pause, { constructor: ["https://x.test"] }), ["https://registry.k8s.io/v2/pause"]);
});

test("renderMirrorHosts: as containerd reads it", () => {
  assert.equal(
    renderMirrorHosts("registry.k8s.io", ["https://mirror.test:5000", "https://harbor.test/k8s"]),
    `server = "https://registry.k8s.io"

[host."https://mirror.test:5000"]
  capabilities = ["pull", "resolve"]

[host."https://harbor.test/v2/k8s"]
  capabilities = ["pull", "resolve"]
  override_path = true
`,
  );
});

test("readImageNames: of what was fetched, of Docker's form, and of what is none", async (t) => {
  const folder = tempFolder(t);
  const file = join(folder, "app.tar");
  const name = "registry.test/team/app:1.0";
  await pullImage(name, { platform: "linux-amd64", file, signal, fetch: fakeRegistry("registry.test").fetch });
  assert.deepEqual(await readImageNames(file), [name]);
  const docker = Buffer.from(JSON.stringify([{ RepoTags: ["a:1", "b:2"] }]));
  writeFileSync(file, createTar([{ path: "manifest.json", content: docker, mode: 0o644 }]));
  assert.deepEqual(await readImageNames(file), ["a:1", "b:2"]);
  writeFileSync(file, "text");
  assert.deepEqual(await readImageNames(file), []);
});
