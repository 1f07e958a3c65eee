// A machine in memory, for tests: its files, and what was run on it.

import { readFile } from "node:fs/promises";
import type { MachineConnection } from "#provision";
import { CommandFailedError } from "#shared";

export interface FakeAnswer {
  readonly code?: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

export interface FakeMachine extends MachineConnection {
  readonly files: Map<string, { readonly content: Buffer; readonly mode: number }>;
  readonly ran: string[];
}

/** `answer` decides about what is run, by its words; undefined: exit code 0. "test -e" looks at the files. */
export function createFakeMachine(answer: (command: string) => FakeAnswer | undefined = () => undefined): FakeMachine {
  const files: FakeMachine["files"] = new Map();
  const ran: string[] = [];
  const defaultAnswer = (argv: readonly string[]): FakeAnswer => {
    if (argv[0] === "test" && argv[1] === "-e") return { code: files.has(argv[2]!) ? 0 : 1 };
    return {};
  };
  return {
    files,
    ran,
    exec: async (argv, { okCodes = [0] } = {}) => {
      const command = argv.join(" ");
      const { code = 0, stdout = "", stderr = "" } = answer(command) ?? defaultAnswer(argv);
      if (argv[0] !== "test") ran.push(command);
      if (!okCodes.includes(code)) throw new CommandFailedError(argv, code, stdout, stderr, `exit code ${code}`);
      return { code, stdout, stderr };
    },
    writeFile: async (path, content, mode = 0o644) => {
      files.set(path, { content: Buffer.from(content), mode });
    },
    readFile: async (path) => files.get(path)?.content,
    uploadFile: async (localPath, path, mode = 0o644) => {
      files.set(path, { content: await readFile(localPath), mode });
    },
    close: async () => {},
  };
}
