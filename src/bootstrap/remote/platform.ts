// What a machine is, in the words of artifacts' names.

import type { MachineConnection } from "#provision";

const architectures: Readonly<Record<string, string>> = { x86_64: "amd64", aarch64: "arm64", arm64: "arm64" };

/** Such as "linux-amd64". */
export async function readPlatform(connection: MachineConnection, signal: AbortSignal): Promise<string> {
  const { stdout } = await connection.exec(["uname", "-sm"], { signal });
  const [system = "linux", machine = ""] = stdout.trim().split(" ");
  return `${system.toLowerCase()}-${architectures[machine] ?? machine}`;
}

/** This machine's own. */
export function thisPlatform(): string {
  return `${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`;
}
