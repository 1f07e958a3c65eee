// An apt that has every package, each with one that all depend on.

import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Exec } from "#shared";

/** Answers apt-get's and dpkg-deb's commands as fetching packages wants them; what was asked for is in `calls`. */
export function createFakeApt(): { readonly exec: Exec; readonly calls: string[][] } {
  const calls: string[][] = [];
  const exec: Exec = async (argv) => {
    calls.push([...argv]);
    const answer = { code: 0, stdout: "", stderr: "" };
    if (argv[0] === "dpkg-deb" && argv[1] === "--field") return { ...answer, stdout: controlOf(argv[2]!) };
    if (argv[0] !== "apt-get" || !argv.includes("install")) return answer;
    const setting = argv.find((word) => word.startsWith("Dir::Cache::archives="))!;
    const folder = setting.split("=")[1]!;
    mkdirSync(folder, { recursive: true });
    const names = [...argv.slice(argv.indexOf("install") + 1), "libc6"];
    for (const name of names) writeFileSync(join(folder, `${name}_1.0_amd64.deb`), `the package ${name}`);
    return answer;
  };
  return { exec, calls };
}

function controlOf(file: string): string {
  const [name] = basename(file).split("_");
  return `Package: ${name}\nVersion: 1.0\nArchitecture: amd64\nDepends: libc6\n`;
}
