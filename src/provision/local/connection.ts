// Commands and files on a local machine: commands run in its network namespace, files are this machine's.

import { readFile } from "node:fs/promises";
import { copyFileAtomic, type ExecOptions, writeFileAtomic } from "#shared";
import type { Host } from "../host/host.ts";
import type { Machine, MachineConnection } from "../provider.ts";

/** The words to put before a command so that it runs in the machine. Keeps /sys as it is: containers need the host's cgroups. */
export function enterMachine(machine: Machine): string[] {
  return ["nsenter", `--net=${machine.handle["netns"]}`, "--"];
}

export function connectLocalMachine(host: Host, machine: Machine): MachineConnection {
  return {
    exec: (argv: readonly string[], options?: ExecOptions) => host.exec([...enterMachine(machine), ...argv], options),
    writeFile: writeFileAtomic,
    async readFile(path) {
      try {
        return await readFile(path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
    },
    uploadFile: copyFileAtomic,
    close: async () => {},
  };
}
