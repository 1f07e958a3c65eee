import assert from "node:assert/strict";
import { test } from "node:test";
import type { BundledArtifact, BundleIndex } from "#bootstrap";
import type { ClusterNeeds } from "#turnup";
import { checkComplete, checkImages, releaseOf } from "./check-bundle.ts";

const check = { cluster: "demo", bundle: "small.tar" };
const digest = `sha256:${"0".repeat(64)}`;

function indexOf(...artifacts: Pick<BundledArtifact, "kind" | "name" | "url" | "images">[]): BundleIndex {
  return {
    format: "slipway.dev/bundle/v1",
    created: "2026-01-02T03:04:05Z",
    slipway: "0.1.0",
    distribution: "kubeadm",
    kubernetesVersion: "1.36.2",
    platform: "linux-amd64",
    sbomDigest: digest,
    artifacts: artifacts.map((artifact) => ({ version: "1", file: "x", size: 1, digest, ...artifact })),
  };
}

const nothing: ClusterNeeds = { platform: "linux-amd64", artifacts: [], packages: [], images: [], files: [] };

async function lackOf(index: BundleIndex, needs: Partial<ClusterNeeds>): Promise<readonly string[]> {
  try {
    await checkComplete(index, { ...nothing, ...needs }, check);
    return [];
  } catch (error) {
    const { hints, message } = error as Error & { hints: string[] };
    assert.match(message, /^Cannot use bundle small\.tar for cluster demo: it lacks \d+ of what that needs$/);
    return hints.slice(0, -2);
  }
}

test("checkComplete: all that a bundle lacks is named, of every kind", async () => {
  const index = indexOf(
    { kind: "package", name: "runc" },
    { kind: "program", name: "kubelet-1.36.2-linux-amd64" },
    { kind: "image", name: "k3s-images-1.36.2+k3s1-linux-amd64", url: "https://x.test/y.tar.zst" },
    { kind: "manifest", name: "https://x.test/a.yaml" },
  );
  const file = (url: string) => ({ addon: "x", kind: "manifest", version: "1", url }) as const;
  const needs = {
    artifacts: ["kubelet-1.36.2-linux-amd64", "kubeadm-1.36.2-linux-amd64", "k3s-images-1.36.2+k3s1-linux-amd64"],
    packages: ["runc", "containerd"],
    images: ["registry.test/app:1"],
    files: [file("https://x.test/a.yaml"), file("https://x.test/b.yaml")],
  };
  assert.deepEqual(await lackOf(index, needs), [
    "program kubeadm-1.36.2-linux-amd64",
    "package containerd",
    "manifest https://x.test/b.yaml",
    "image registry.test/app:1",
  ]);
  assert.deepEqual(await lackOf(index, {}), []);
});

test("checkComplete: one for other machines is refused, where it brings what runs on them", async () => {
  const index = indexOf({ kind: "package", name: "runc" });
  const needs = { ...nothing, platform: "linux-arm64" };
  await checkComplete(index, needs, check);
  await assert.rejects(checkComplete(index, { ...needs, packages: ["runc"] }, check), {
    message: "Cannot use bundle small.tar for cluster demo: it is for linux-amd64, and its machines are linux-arm64",
  });
});

test("checkComplete: an image is known by its whole name, and by any name of an archive", async () => {
  const index = indexOf(
    { kind: "image", name: "busybox", images: ["busybox"] },
    { kind: "image", name: "a file's name", images: ["registry.test/one:1", "registry.test/two:1"] },
  );
  const images = ["docker.io/library/busybox:latest", "registry.test/two:1"];
  assert.deepEqual(await lackOf(index, { images }), []);
  assert.throws(() => checkImages(index, ["registry.test/three:1"], check), /it lacks 1 of what that needs/);
});

test("releaseOf: the name of a system's release", () => {
  assert.equal(releaseOf("ID=debian\nVERSION_CODENAME=bookworm\n"), "bookworm");
  assert.equal(releaseOf('VERSION_CODENAME="noble"\n'), "noble");
  assert.equal(releaseOf("ID=alpine\n"), undefined);
});
