import assert from "node:assert/strict";
import { test } from "node:test";
import { checkThisMachine, type Surroundings } from "./check.ts";
import { createFakeHost, type FakeHost } from "./fake-host.ts";

const fine: Surroundings = { platform: "linux", uid: 0, freeBytes: () => 2 ** 40 };
const target = { folder: "/var/lib/slipway/clusters/dev" };

function fineHost(): FakeHost {
  const host = createFakeHost();
  host.files.set("/proc/self/status", "Name:\tnode\nCapEff:\t000001ffffffffff\n");
  host.files.set("/proc/self/mountinfo", "31 23 0:28 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw\n");
  host.files.set("/sys/fs/cgroup/cgroup.controllers", "cpu memory pids\n");
  host.files.set("/usr/sbin/nsenter", "1").set("/usr/sbin/umount", "2");
  return host;
}

async function messages(host: FakeHost, around: Surroundings): Promise<string[]> {
  const problems = checkThisMachine(host, target, around);
  for (const { hint } of problems) assert.ok(hint, "every problem says what to do");
  return problems.map(({ message, unsupported }) => `${unsupported ? "unsupported: " : ""}${message}`);
}

test("checkThisMachine: finds nothing wrong with a fitting machine, cgroup v2 or v1", async () => {
  assert.deepEqual(await messages(fineHost(), fine), []);
  const v1 = fineHost();
  v1.files.delete("/sys/fs/cgroup/cgroup.controllers");
  v1.files.set("/proc/self/mountinfo", "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n");
  assert.deepEqual(await messages(v1, fine), []);
});

test("checkThisMachine: says why containers cannot run at all", async () => {
  assert.deepEqual(await messages(fineHost(), { ...fine, platform: "darwin" }), [
    "unsupported: containers need Linux, and this is darwin",
  ]);
  assert.deepEqual(await messages(fineHost(), { ...fine, uid: 1000 }), ["unsupported: containers need root"]);
  const confined = fineHost();
  confined.files.set("/proc/self/status", "CapEff:\t00000000a80425fb\n");
  assert.deepEqual(await messages(confined, fine), [
    "unsupported: containers need CAP_NET_ADMIN and CAP_SYS_ADMIN, which this root lacks",
  ]);
  const readOnly = fineHost();
  readOnly.files.set("/proc/self/mountinfo", "31 23 0:28 / /sys/fs/cgroup ro,relatime - cgroup2 cgroup2 rw\n");
  assert.deepEqual(await messages(readOnly, fine), [
    "unsupported: containers need cgroups, and none are mounted at /sys/fs/cgroup",
  ]);
});

test("checkThisMachine: finds a full disk and missing tools, all at once", async () => {
  const host = fineHost();
  host.files.delete("/usr/sbin/nsenter");
  const path = process.env["PATH"];
  process.env["PATH"] = "/nowhere";
  try {
    assert.deepEqual(await messages(host, { ...fine, freeBytes: () => 1024 * 1024 }), [
      "nsenter not found",
      "the disk is full: 1 MiB free at /var/lib/slipway/clusters/dev, 512 MiB wanted",
    ]);
  } finally {
    process.env["PATH"] = path;
  }
});

test("checkThisMachine: refuses a folder in which sockets would not fit", async () => {
  const folder = `/${"x".repeat(100)}`;
  const problems = checkThisMachine(fineHost(), { ...target, folder }, fine);
  assert.match(problems[0]!.message, /is too long for sockets in it/);
});
