// What a host is, learned by one command there, and whether it can be a machine of a cluster.

import { exitCodes, UserError } from "#shared";
import type { MachineConnection } from "../provider.ts";
import { markFile } from "./paths.ts";

export interface Survey {
  /** "amd64" or "arm64". */
  readonly architecture: string;
  /** "Debian GNU/Linux 12 (bookworm)". */
  readonly system: string;
  readonly hostname: string;
  /** Every IPv4 address it has but for the loopback. */
  readonly addresses: readonly string[];
  /** The address its default route starts from. */
  readonly mainAddress?: string;
  readonly hasSystemd: boolean;
}

const script = `
echo "machine=$(uname -m)"
echo "hostname=$(cat /proc/sys/kernel/hostname)"
[ -d /run/systemd/system ] && echo systemd=yes
(. /etc/os-release && echo "system=$PRETTY_NAME") 2>/dev/null
echo "addresses=$(ip -4 -o addr show scope global 2>/dev/null | awk '{ sub("/.*", "", $4); printf "%s ", $4 }')"
device=$(ip -4 route show default 2>/dev/null | awk '{ for (i = 1; i < NF; i++) if ($i == "dev") { print $(i + 1); exit } }')
source=$(ip -4 route show default 2>/dev/null | awk '{ for (i = 1; i < NF; i++) if ($i == "src") { print $(i + 1); exit } }')
[ -n "$source" ] || source=$(ip -4 -o addr show dev "$device" scope global 2>/dev/null | awk '{ sub("/.*", "", $4); print $4; exit }')
echo "main=$source"
`;

export async function surveyHost(connection: MachineConnection, signal: AbortSignal): Promise<Survey> {
  const { stdout } = await connection.exec(["sh", "-c", script], { signal });
  return parseSurvey(stdout);
}

const architectures: Readonly<Record<string, string>> = { x86_64: "amd64", aarch64: "arm64", arm64: "arm64" };

export function parseSurvey(text: string): Survey {
  const fields = new Map(
    text.split("\n").map((line): [string, string] => {
      const [name = "", ...rest] = line.split("=");
      return [name, rest.join("=").trim()];
    }),
  );
  const machine = fields.get("machine") ?? "";
  const main = fields.get("main") ?? "";
  return {
    architecture: architectures[machine] ?? machine,
    system: fields.get("system") ?? "an unknown system",
    hostname: fields.get("hostname") ?? "",
    addresses: (fields.get("addresses") ?? "").split(/\s+/).filter((address) => address !== ""),
    ...(main !== "" && { mainAddress: main }),
    hasSystemd: fields.get("systemd") === "yes",
  };
}

/** Throws a UserError where the host cannot become a node. */
export function refuseHost(where: string, { architecture, hasSystemd, system }: Survey): void {
  const refuse = (state: string, hint: string) =>
    new UserError(`Cannot use host ${where}: ${state}`, { hints: [hint], exitCode: exitCodes.provision });
  if (!Object.values(architectures).includes(architecture))
    throw refuse(`its processor is ${architecture}`, "Hosts must be amd64 or arm64.");
  if (!hasSystemd)
    throw refuse(`systemd does not run there (${system})`, "Nodes need a system that systemd has started.");
}

/** Whose the host is. */
export interface Mark {
  readonly cluster: string;
  readonly owner: string;
  readonly machine: string;
}

export async function readMark(connection: MachineConnection): Promise<Mark | undefined> {
  const content = await connection.readFile(markFile);
  return content === undefined ? undefined : (JSON.parse(Buffer.from(content).toString("utf8")) as Mark);
}

/** Writes the mark unless there is one: of two that try at the same time, one gets the host. The answer is the mark that is there. */
const claimScript = `
umask 022
mkdir -p -- "$(dirname -- "$1")" || exit 1
printf '%s\\n' "$2" >"$1.$$" && { ln -- "$1.$$" "$1" 2>/dev/null || :; }
rm -f -- "$1.$$"
cat -- "$1"
`;

/** The host carries another machine's mark. */
export class HostTakenError extends UserError {}

/** Puts our mark on the host. Throws a HostTakenError where it carries another one. */
export async function claimHost(connection: MachineConnection, mark: Mark, where: string): Promise<void> {
  const { stdout } = await connection.exec(["sh", "-c", claimScript, "sh", markFile, JSON.stringify(mark)]);
  const found = JSON.parse(stdout) as Mark;
  if (found.owner === mark.owner && found.machine === mark.machine) return;
  const whose =
    found.owner === mark.owner
      ? `machine ${found.machine} already`
      : `machine ${found.machine} of cluster ${found.cluster}`;
  throw new HostTakenError(`Cannot use host ${where}: it is ${whose}`, {
    hints: [
      "Take that cluster down first (slipway down), or take the host out of infrastructure.hosts.",
      `If there is no such cluster any more, remove ${markFile} there, and what is left of the cluster.`,
    ],
    exitCode: exitCodes.conflict,
  });
}

/** Removes the mark, where it is the cluster's own. */
export async function freeHost(connection: MachineConnection, owner: string): Promise<void> {
  if ((await readMark(connection))?.owner !== owner) return;
  await connection.exec(["rm", "-f", "--", markFile]);
  await connection.exec(["rmdir", "--", markFile.slice(0, markFile.lastIndexOf("/"))], { okCodes: [0, 1] });
}
