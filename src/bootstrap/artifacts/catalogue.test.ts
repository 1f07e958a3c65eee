import assert from "node:assert/strict";
import { test } from "node:test";
import { findChecksum, findProgram, publishedPrograms } from "./catalogue.ts";

test("findProgram: a name says program, version and platform", () => {
  const kubelet = findProgram("kubelet-1.36.2-linux-amd64");
  assert.equal(kubelet?.url, "https://dl.k8s.io/v1.36.2/bin/linux/amd64/kubelet");
  assert.equal(kubelet?.version, "1.36.2");
  assert.equal(kubelet?.platform, "linux-amd64");
  assert.equal(findProgram("kube-controller-manager-1.37.0-rc.1-linux-arm64")?.version, "1.37.0-rc.1");
  const images = findProgram("k3s-images-1.36.2+k3s1-linux-amd64");
  assert.equal(images?.kind, "image");
  assert.match(images?.url ?? "", /\/v1\.36\.2%2Bk3s1\/k3s-airgap-images-amd64\.tar\.zst$/);
  for (const name of ["kubelet", "kubelet-1.36.2", "constructor-1.0-linux-amd64", "nothing-1.0-linux-amd64", ""]) {
    assert.equal(findProgram(name), undefined, name);
  }
});

test("publishedPrograms: every name in a template is filled in", () => {
  for (const program of Object.keys(publishedPrograms)) {
    const origin = findProgram(`${program}-1.2.3-linux-arm64`);
    assert.ok(origin, program);
    assert.doesNotMatch(`${origin.url}${origin.checksumUrl}`, /[{}]/, program);
  }
});

test("findChecksum: one bare hash, or the line of the file", () => {
  const [one, two] = ["1".repeat(64), "2".repeat(64)];
  assert.equal(findChecksum(`${one}\n`, "https://x.test/kubelet"), `sha256:${one}`);
  const list = `${one}  k3s\n${two} *./k3s-airgap.tar.zst\n`;
  assert.equal(findChecksum(list, "https://x.test/v1%2B2/k3s-airgap.tar.zst"), `sha256:${two}`);
  assert.equal(findChecksum(list, "https://x.test/other"), undefined);
  assert.equal(findChecksum("<html>", "https://x.test/other"), undefined);
});
