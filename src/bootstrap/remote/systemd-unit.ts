// A unit of a machine description as systemd has it.

import type { UnitSpec } from "../supervisor/unit.ts";

/** Where a unit's file goes on the machine. */
export function unitPath(name: string): string {
  return `/etc/systemd/system/${name}.service`;
}

/** How long a unit may take to become ready. */
const startTimeoutSeconds = 120;
const defaultStopTimeoutMs = 10_000;

/** The unit's file: started again whenever it ends, ready when it says so, never given up on. */
export function renderSystemdUnit(unit: UnitSpec): string {
  const { name, argv, env = {}, after, ready, stopTimeoutMs = defaultStopTimeoutMs } = unit;
  const others = after.map((other) => `${other}.service`);
  const lines = [
    "[Unit]",
    `Description=${name}`,
    `Wants=${["network-online.target", ...others].join(" ")}`,
    `After=${["network-online.target", ...others].join(" ")}`,
    "StartLimitIntervalSec=0",
    "",
    "[Service]",
    `Type=${ready.kind === "notify" ? "notify" : "exec"}`,
    ...(ready.kind === "notify" ? ["NotifyAccess=all"] : []),
    ...Object.entries(env).map(([key, value]) => `Environment=${quote(`${key}=${value}`)}`),
    `ExecStart=${argv.map(quote).join(" ")}`,
    ...(ready.kind === "socket" ? [`ExecStartPost=/bin/sh -c ${quote(awaitSocket(ready.path))}`] : []),
    "Restart=always",
    "RestartSec=1",
    `TimeoutStartSec=${startTimeoutSeconds}`,
    `TimeoutStopSec=${Math.ceil(stopTimeoutMs / 1000)}`,
    // What a unit started goes on without it: containers do not end because what looks after them is started anew.
    "KillMode=process",
    "Delegate=yes",
    "LimitNOFILE=1048576",
    "LimitNPROC=infinity",
    "LimitCORE=infinity",
    "TasksMax=infinity",
    "OOMScoreAdjust=-999",
    "",
    "[Install]",
    "WantedBy=multi-user.target",
  ];
  return `${lines.join("\n")}\n`;
}

function awaitSocket(path: string): string {
  return `until [ -S '${path}' ]; do sleep 0.1; done`;
}

/** systemd expands % and $, and splits at spaces. */
function quote(word: string): string {
  const escaped = word.replaceAll("%", "%%").replaceAll("$", "$$$$");
  if (/^[\w@%+=:,./-]+$/.test(escaped)) return escaped;
  return `"${escaped.replace(/["\\]/g, (character) => `\\${character}`).replaceAll("\n", "\\n")}"`;
}
