// What a Linux machine needs to be a node, besides programs: kernel modules, sysctls, a clock that is right. In a container, which shares
// its host's kernel, what cannot be changed is taken as it is.

import type { CommandSpec, FileSpec } from "../../machine-description.ts";
import { machinePaths } from "./machine-paths.ts";

const modules = ["overlay", "nf_tables", "nf_conntrack", "nft_chain_nat"];

const sysctls: Readonly<Record<string, number>> = {
  "net.ipv4.ip_forward": 1,
  "net.ipv4.conf.all.forwarding": 1,
  "fs.inotify.max_user_instances": 8192,
  "fs.inotify.max_user_watches": 524_288,
  "vm.overcommit_memory": 1,
  "kernel.panic": 10,
  "kernel.panic_on_oops": 1,
};

export const systemFiles: readonly FileSpec[] = [
  { path: machinePaths.modules, content: `${modules.join("\n")}\n` },
  {
    path: machinePaths.sysctls,
    content: Object.entries(sysctls)
      .map(([name, value]) => `${name} = ${value}\n`)
      .join(""),
  },
];

const clocks = ["systemd-timesyncd", "chrony", "chronyd", "ntp", "ntpd", "ntpsec", "openntpd"];

export const systemCommands: readonly CommandSpec[] = [
  {
    title: "Load kernel modules",
    argv: ["sh", "-c", `for module in ${modules.join(" ")}; do modprobe -q "$module" || true; done`],
  },
  { title: "Set sysctls", argv: ["sh", "-c", `sysctl -e -q -p ${machinePaths.sysctls} || true`] },
  {
    title: "Look after the clock",
    argv: [
      "sh",
      "-c",
      [
        "if systemd-detect-virt -cq; then echo 'the host keeps the time'; exit 0; fi",
        `for unit in ${clocks.join(" ")}; do if systemctl is-active -q "$unit"; then echo "$unit runs"; exit 0; fi; done`,
        "if systemctl enable --now systemd-timesyncd 2>/dev/null; then echo 'systemd-timesyncd started'; exit 0; fi",
        "if command -v apt-get >/dev/null; then DEBIAN_FRONTEND=noninteractive apt-get -q -y install systemd-timesyncd",
        "elif command -v dnf >/dev/null; then dnf -q -y install chrony && systemctl enable --now chronyd; fi",
      ].join("\n"),
    ],
  },
  {
    // Packages start their own; where nobody else uses it, it would only cost memory.
    title: "Leave containerd to slipway",
    argv: ["sh", "-c", "systemctl is-active -q docker || systemctl disable -q --now containerd 2>/dev/null || true"],
  },
];
