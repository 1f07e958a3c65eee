// What container settings depend on and the machine decides: its memory, its cgroups, its huge pages. Read once at start.

import { existsSync, readdirSync, readFileSync, statfsSync } from "node:fs";
import { totalmem } from "node:os";

export interface MachineFacts {
  readonly memoryBytes: number;
  readonly cgroupVersion: 1 | 2;
  /** Limits on swap can be set. */
  readonly hasSwapController: boolean;
  /** As the kernel's huge page controller names them: "2MB", "1GB". Empty where it has none. */
  readonly hugePageSizes: readonly string[];
  readonly hasApparmor: boolean;
  /** Files of the machine's processors that containers must not read. */
  readonly thermalPaths: readonly string[];
}

const cgroup2Magic = 0x63677270;

export function readMachineFacts(): MachineFacts {
  const cgroupVersion = statfsSync("/sys/fs/cgroup").type === cgroup2Magic ? 2 : 1;
  return {
    memoryBytes: totalmem(),
    cgroupVersion,
    hasSwapController: existsSync(
      cgroupVersion === 2
        ? `/sys/fs/cgroup${ownCgroup()}/memory.swap.max`
        : "/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes",
    ),
    hugePageSizes: readHugePageSizes(cgroupVersion),
    hasApparmor: readIfPresent("/sys/module/apparmor/parameters/enabled").startsWith("Y"),
    thermalPaths: readdirIfPresent("/sys/devices/system/cpu")
      .filter((name) => /^cpu\d+$/.test(name))
      .map((name) => `/sys/devices/system/cpu/${name}/thermal_throttle`)
      .filter((path) => existsSync(path)),
  };
}

function ownCgroup(): string {
  const line = readFileSync("/proc/self/cgroup", "utf8")
    .split("\n")
    .find((each) => each.startsWith("0::"));
  return line?.slice(3) ?? "/";
}

function readHugePageSizes(cgroupVersion: 1 | 2): string[] {
  const available =
    cgroupVersion === 1
      ? existsSync("/sys/fs/cgroup/hugetlb")
      : readFileSync("/sys/fs/cgroup/cgroup.controllers", "utf8").split(/\s+/).includes("hugetlb");
  if (!available) return [];
  return readdirIfPresent("/sys/kernel/mm/hugepages").map((name) => formatPageSize(Number(/\d+/.exec(name)?.[0] ?? 0)));
}

/** 2048 kB is "2MB". */
function formatPageSize(kilobytes: number): string {
  const units = ["KB", "MB", "GB"];
  let unit = 0;
  while (kilobytes >= 1024 && unit < units.length - 1) {
    kilobytes /= 1024;
    unit++;
  }
  return `${kilobytes}${units[unit]}`;
}

function readIfPresent(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function readdirIfPresent(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
