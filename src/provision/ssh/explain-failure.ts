// What ssh's complaints mean for a person, and what to do about each.

import { exitCodes, UserError, type UserErrorOptions } from "#shared";
import type { SshAccess } from "./client-config.ts";

interface Complaint {
  readonly sign: RegExp;
  readonly state: string;
  hints(access: SshAccess, stderr: string): readonly string[];
}

const complaints: readonly Complaint[] = [
  {
    sign: /REMOTE HOST IDENTIFICATION HAS CHANGED/,
    state: "its host key is not the one that is known",
    hints: (access, stderr) => [
      "Either the machine was made anew, or somebody is in between. Compare: ssh-keyscan, and the key on the machine's console.",
      `If it is right, forget the old key: ssh-keygen -R ${knownName(access)}${fileOption(access, stderr)}`,
    ],
  },
  {
    sign: /Host key verification failed|No \S+ host key is known/,
    state: "its host key is not known",
    hints: (access) => [`Log in once yourself and compare the key: ssh ${destination(access)}`],
  },
  {
    sign: /Permission denied \(([^)]*)\)|Too many authentication failures/,
    state: "it does not let us in",
    hints: (access) => [
      access.identityFile === undefined
        ? "Put the public key into ~/.ssh/authorized_keys there, or name another key in infrastructure.identityFile."
        : `Put ${access.identityFile}.pub into ~/.ssh/authorized_keys there.`,
      `Nothing is asked for: a key with a passphrase must be in the agent (ssh-add). Try: ssh ${destination(access)}`,
    ],
  },
  {
    sign: /Connection refused/,
    state: "nothing listens there",
    hints: (access) => [`Is sshd started there, at port ${access.port ?? 22}?`],
  },
  {
    sign: /Could not resolve hostname ([^:\s]+)/,
    state: "its name is not known",
    hints: () => ["Give an address, or a name that this machine can resolve."],
  },
  {
    sign: /timed out|No route to host|Network is unreachable|Host is down/,
    state: "it does not answer",
    hints: (access) => [
      "Is it switched on, and does no firewall stand in between?",
      ...((access.jumpHosts ?? []).length > 0 ? [`It is reached through ${access.jumpHosts!.join(", ")}.`] : []),
    ],
  },
];

/** The error for a connection that could not be made, from what ssh wrote. */
export function explainFailure(machine: string, access: SshAccess, stderr: string): UserError {
  const options = (hints: readonly string[]): UserErrorOptions => ({ hints, exitCode: exitCodes.provision });
  const where = `${machine} (${destination(access)})`;
  for (const { sign, state, hints } of complaints) {
    if (sign.test(stderr))
      return new UserError(`Cannot reach machine ${where}: ${state}`, options(hints(access, stderr)));
  }
  const last = stderr.trim().split("\n").at(-1) ?? "";
  return new UserError(
    `Cannot reach machine ${where}: ${last === "" ? "ssh ended without a word" : last}`,
    options([`Try it yourself: ssh ${destination(access)}`]),
  );
}

/** As one types it behind "ssh". */
export function destination({ host, user, port }: SshAccess): string {
  return `${port === undefined ? "" : `-p ${port} `}${user === undefined ? "" : `${user}@`}${host}`;
}

/** As known_hosts files name it. */
export function knownName({ host, port }: SshAccess): string {
  return port === undefined || port === 22 ? host : `'[${host}]:${port}'`;
}

function fileOption({ knownHostsFile }: SshAccess, stderr: string): string {
  const file = knownHostsFile ?? /Offending \S+ key in (\S+?)(:\d+)?$/m.exec(stderr)?.[1];
  return file === undefined ? "" : ` -f ${file}`;
}
