import assert from "node:assert/strict";
import { test } from "node:test";
import { renderContainerdConfig } from "./containerd-config.ts";

test("renderContainerdConfig: keeps everything in the node's own folders", () => {
  const text = renderContainerdConfig({
    root: "/c/machines/w1/containerd",
    state: "/c/run/w1/containerd",
    criSocket: "/c/run/w1/cri.sock",
    ttrpcSocket: "/c/run/w1/ttrpc.sock",
    sandboxImage: "slipway.dev/pause:1",
    cniPlugins: "/usr/lib/cni",
    cniConfig: "/c/machines/w1/cni",
    runc: "/usr/sbin/runc",
    runcRoot: "/c/run/w1/runc",
    snapshotter: "native",
    restrictOomScoreAdj: true,
  });
  const paths = [...text.matchAll(/"(\/[^"]+)"/g)].map(([, path]) => path!);
  assert.deepEqual(
    paths.filter((path) => !path.startsWith("/c/")),
    ["/usr/lib/cni", "/etc/containerd/certs.d", "/usr/sbin/runc"],
  );
  assert.match(text, /restrict_oom_score_adj = true/);
  assert.match(text, /snapshotter = "native"/);
});
