// A machine that only pretends, in a folder: its commands are really run, by the shell, with the folder before the paths in them, and with
// programs that write down how they were called. A static Pod runs while its manifest is in its place.

import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { CommandSpec } from "#bootstrap";
import type { MachineConnection } from "#provision";
import { CommandFailedError } from "#shared";

export interface PretendMachine {
  readonly root: string;
  readonly connection: MachineConnection;
  /** What the programs were called with, in order; emptied by the call. */
  takeCalls(): string[];
  /** Replaces a program by a script; "$root" is the folder. */
  program(name: string, script: string): void;
  write(path: string, content: string): void;
  list(path: string): string[];
  run(commands: readonly CommandSpec[]): Promise<void>;
}

const ctr = `case "$*" in
*"containers list"*) name=\${*##*==}; [ ! -e "$root/etc/kubernetes/manifests/$name.yaml" ] || echo "id-$name" ;;
*"tasks list"*) for file in "$root"/etc/kubernetes/manifests/*.yaml; do echo "id-$(basename "$file" .yaml) 1 RUNNING"; done ;;
*"images mount"*) for target; do :; done
  mkdir -p "$target/usr/local/bin"
  cp "$root/bin/etcdutl-in-image" "$target/usr/local/bin/etcdutl" ;;
*"images unmount"*) for target; do :; done; rm -rf "$target" ;;
esac`;
const etcdutl = `case "$*" in
*--help*) echo "  --data-dir" ;;
*) data=\${*#*--data-dir }; mkdir -p "\${data%% *}/member"; echo new >"\${data%% *}/member/db" ;;
esac`;

export function createPretendMachine(t: TestContext): PretendMachine {
  const root = mkdtempSync(join(tmpdir(), "slipway-machine-"));
  t.after(() => rmSync(root, { recursive: true }));
  const calls = join(root, "calls");
  writeFileSync(calls, "");
  const at = (path: string) => join(root, path);
  const place = (word: string) =>
    word.replaceAll(/(?<![\w/.-])\/(etc|var\/lib|usr\/bin|usr\/local\/bin)\//g, (_, folder) =>
      folder.startsWith("usr") ? `${root}/bin/` : `${root}/${folder}/`,
    );
  const program = (name: string, script: string) => {
    mkdirSync(at("bin"), { recursive: true });
    const text = `#!/bin/sh\nroot=${root}\necho "${name === "etcdutl-in-image" ? "etcdutl" : name} $*" >>${calls}\n${script}\n`;
    writeFileSync(at(`bin/${name}`), text);
    chmodSync(at(`bin/${name}`), 0o755);
  };
  const exec: MachineConnection["exec"] = async (argv) => {
    const [file = "", ...args] = argv.map(place);
    const env = { ...process.env, PATH: `${at("bin")}:${process.env["PATH"]}` };
    const { status, stdout, stderr } = spawnSync(file, args, { env, encoding: "utf8" });
    if (status !== 0) throw new CommandFailedError(argv, status ?? 1, stdout, stderr, `exit code ${status}`);
    return { code: 0, stdout, stderr };
  };
  const write = (path: string, content: string) => {
    mkdirSync(join(at(path), ".."), { recursive: true });
    writeFileSync(at(path), content);
  };
  for (const name of ["kubeadm", "kubectl", "systemctl", "k3s"]) program(name, "");
  program("ctr", ctr);
  program("etcdutl-in-image", etcdutl);
  return {
    root,
    program,
    write,
    connection: {
      exec,
      writeFile: async (path, content) => write(path, content.toString()),
      readFile: async (path) => readFileSync(at(path)),
      uploadFile: async (from, path) => write(path, readFileSync(from, "utf8")),
      close: async () => {},
    },
    takeCalls: () => {
      const lines = readFileSync(calls, "utf8")
        .split("\n")
        .filter((line) => line !== "");
      writeFileSync(calls, "");
      return lines.map((line) => line.replaceAll(root, ""));
    },
    list: (path) => readdirSync(at(path)).toSorted(),
    run: async (commands) => {
      for (const { argv } of commands) await exec(argv);
    },
  };
}
