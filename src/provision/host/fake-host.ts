// A host for tests: files in memory, programs recorded and answered by a function.

import type { ExecOptions } from "#shared";
import type { Host } from "./host.ts";

export interface FakeHost extends Host {
  /** Every program run, as typed, with its input after a "<". */
  readonly commands: string[];
  /** From path to content; a folder is whatever lies before a slash. */
  readonly files: Map<string, string>;
  readonly killed: number[];
}

/** `answer` gives a command's standard output, or its exit code; by default every command succeeds silently. */
export function createFakeHost(answer: (command: string) => string | number | undefined = () => ""): FakeHost {
  const files = new Map<string, string>();
  const commands: string[] = [];
  const killed: number[] = [];
  return {
    commands,
    files,
    killed,
    async exec(argv: readonly string[], options: ExecOptions = {}) {
      const command = argv.join(" ") + (options.input === undefined ? "" : ` < ${options.input}`);
      commands.push(command);
      const result = answer(command) ?? "";
      if (typeof result === "string") return { code: 0, stdout: result, stderr: "" };
      if (!(options.okCodes ?? [0]).includes(result)) throw new Error(`Cannot run "${command}": exit code ${result}`);
      return { code: result, stdout: "", stderr: "" };
    },
    read: (path) => files.get(path),
    list(path) {
      const below = [...files.keys()].filter((file) => file.startsWith(`${path}/`));
      return [...new Set(below.map((file) => file.slice(path.length + 1).split("/")[0]!))];
    },
    readLink: (path) => files.get(path),
    inode: (path) => (files.has(path) ? Number(files.get(path)) : undefined),
    makeFolder() {},
    write: (path, content) => void files.set(path, content),
    remove: (path) => void files.delete(path),
    removeEmptyFolder(path) {
      const removed = [...files.keys()].filter((file) => file.startsWith(`${path}/`));
      for (const file of removed) files.delete(file);
      return true;
    },
    kill: (pid) => void killed.push(pid),
  };
}
