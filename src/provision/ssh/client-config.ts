// What the OpenSSH client is told about a machine, as a file of its own: unlike options on the command line, it holds for jump hosts
// as well. What it leaves open is read from the person's own configuration.

import type { MachineAccess } from "../provider.ts";

export type SshAccess = Extract<MachineAccess, { kind: "ssh" }>;

const connectTimeoutSeconds = 15;

/** The text of the file. `personal` are the person's own files; those that do not exist are skipped by ssh. Pure. */
export function renderClientConfig(access: SshAccess, personal: readonly string[]): string {
  const { host, port, user, identityFile, jumpHosts = [], knownHostsFile } = access;
  const own = [
    ...(user === undefined ? [] : [`User ${quoted(user)}`]),
    ...(port === undefined ? [] : [`Port ${port}`]),
    ...(jumpHosts.length === 0 ? [] : [`ProxyJump ${jumpHosts.join(",")}`]),
  ];
  const everywhere = [
    "BatchMode yes",
    `ConnectTimeout ${connectTimeoutSeconds}`,
    "ServerAliveInterval 10",
    "ServerAliveCountMax 3",
    "RequestTTY no",
    "ForwardAgent no",
    "ForwardX11 no",
    "ClearAllForwardings yes",
    "PermitLocalCommand no",
    "LogLevel ERROR",
    ...(identityFile === undefined ? [] : [`IdentityFile ${quoted(identityFile)}`, "IdentitiesOnly yes"]),
    // Into a file of the cluster's own, first sight is believed; in the person's own file the host must be known already.
    ...(knownHostsFile === undefined
      ? ["StrictHostKeyChecking yes"]
      : [`UserKnownHostsFile ${quoted(knownHostsFile)}`, "HashKnownHosts no", "StrictHostKeyChecking accept-new"]),
  ];
  const block = (name: string, lines: readonly string[]) => [`Host ${name}`, ...lines.map((line) => `  ${line}`)];
  return `${[
    ...block(host, own),
    ...block("*", everywhere),
    ...block(
      "*",
      personal.map((file) => `Include ${quoted(file)}`),
    ),
  ].join("\n")}\n`;
}

/** ssh takes "%" for the start of a token in file names. */
function quoted(text: string): string {
  return `"${text.replaceAll("%", "%%")}"`;
}
