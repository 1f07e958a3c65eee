// What of this host decides how containerd is set up, found by trying.

import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Exec } from "#shared";

/** overlayfs where a file system in `folder` takes it (not in many containers, not on ZFS), else the one that copies. */
export async function chooseSnapshotter(folder: string, exec: Exec): Promise<"overlayfs" | "native"> {
  await mkdir(folder, { recursive: true });
  const trial = await mkdtemp(join(folder, "overlay-trial-"));
  const at = (name: string) => join(trial, name);
  try {
    await Promise.all(["lower", "upper", "work", "merged"].map((name) => mkdir(at(name))));
    const layers = `lowerdir=${at("lower")},upperdir=${at("upper")},workdir=${at("work")}`;
    const { code } = await exec(["mount", "-t", "overlay", "overlay", "-o", layers, at("merged")], {
      okCodes: [0, 1, 32],
    });
    if (code !== 0) return "native";
    await exec(["umount", at("merged")]);
    return "overlayfs";
  } finally {
    await rm(trial, { recursive: true, force: true });
  }
}

const sysResource = 24n;

/** Whether this process may lower oom_score_adj, CAP_SYS_RESOURCE. */
export async function mayLowerOomScore(): Promise<boolean> {
  const status = await readFile("/proc/self/status", "utf8");
  const capabilities = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? "0"}`);
  return ((capabilities >> sysResource) & 1n) === 1n;
}
