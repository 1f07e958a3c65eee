import assert from "node:assert/strict";
import { test } from "node:test";
import { renderContainerdConfig } from "./containerd-config.ts";
import { findNameServers } from "./host-traits.ts";

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

test("findNameServers: looks behind a resolver on the loopback", async () => {
  const files: Record<string, string> = { "/etc/resolv.conf": "# stub\nnameserver 127.0.0.53\nsearch x\n" };
  const read = async (path: string) => {
    const text = files[path];
    if (text === undefined) throw new Error("ENOENT");
    return text;
  };
  assert.deepEqual(await findNameServers(read), []);
  files["/run/systemd/resolve/resolv.conf"] = "nameserver 9.9.9.9\nnameserver fe80::1\nnameserver 1.1.1.1\n";
  assert.deepEqual(await findNameServers(read), ["9.9.9.9", "1.1.1.1"]);
  files["/etc/resolv.conf"] = "nameserver 10.0.0.2\n";
  assert.deepEqual(await findNameServers(read), ["10.0.0.2"]);
});
