import assert from "node:assert/strict";
import { test } from "node:test";
import { parseImageName, withDefaultTag } from "./image-name.ts";

const digest = `sha256:${"a".repeat(64)}`;

test("parseImageName: Docker's short forms, registries, tags and digests", () => {
  assert.deepEqual(parseImageName("busybox"), { repository: "docker.io/library/busybox" });
  assert.deepEqual(parseImageName("a/b:1"), { repository: "docker.io/a/b", tag: "1" });
  assert.deepEqual(parseImageName("localhost/a"), { repository: "localhost/a" });
  assert.deepEqual(parseImageName("host:5000/a/b:v1"), { repository: "host:5000/a/b", tag: "v1" });
  assert.deepEqual(parseImageName(`r.io/a:1@${digest}`), { repository: "r.io/a", tag: "1", digest });
  assert.deepEqual(parseImageName("[::1]:5000/a"), { repository: "[::1]:5000/a" });
});

test("parseImageName: what is no name, in the reference library's words", () => {
  assert.throws(
    () => parseImageName("Busybox"),
    /^Error: couldn't parse image name "Busybox": invalid reference format: repository name \(library\/Busybox\) must be lowercase$/,
  );
  for (const name of [
    "",
    ":",
    "a:",
    "a@",
    "a//b",
    "-a",
    "a b",
    "r.io/",
    `a@${digest}@${digest}`,
    "a:\n",
    "a".repeat(300),
  ]) {
    assert.throws(() => parseImageName(name), JSON.stringify(name));
  }
  assert.throws(() => parseImageName("a".repeat(64)), /cannot specify 64-byte hexadecimal strings/);
});

test("withDefaultTag: latest, unless the name says more", () => {
  assert.equal(withDefaultTag("busybox"), "busybox:latest");
  assert.equal(withDefaultTag("host:5000/a"), "host:5000/a:latest");
  assert.equal(withDefaultTag(`a@${digest}`), `a@${digest}`);
});
