// Infrastructure "ssh": hosts that are there already (bare metal, virtual machines), as an inventory.

import { z } from "zod";
import { parseIp } from "../network.ts";

/** What goes into ssh's configuration holds no blanks, patterns or quotes. */
const word = (what: string) => z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._:@%-]*$/, `must be ${what}`);

const ip = z.string().refine((text) => parseIp(text) !== undefined, "must be an IPv4 address");
const port = z.int().min(1).max(65535);
const keyFile = z.string().regex(/^(\/|~\/)[^"\n]+$/, 'must be an absolute path, or one that starts with "~/"');

const hostSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, "must be the name of a machine of this cluster, such as worker-2")
    .optional()
    .describe('Which machine it becomes, as "worker-2". Default: in the order of this list.'),
  address: word("an address or a name").describe("Where SSH reaches it: an address, or a name."),
  internalAddress: ip
    .optional()
    .describe("The address by which the other machines reach it. Default: the one its default route starts from."),
  role: z.enum(["control-plane", "worker"]).default("worker").describe("What it becomes."),
  pool: z.string().min(1).optional().describe("The worker pool it belongs to. Default: any that lacks machines."),
  user: word("the name of a user").optional().describe("Default: that of the infrastructure."),
  port: port.optional().describe("Default: that of the infrastructure."),
  identityFile: keyFile.optional().describe("Default: that of the infrastructure."),
  hostKey: z
    .string()
    .regex(/^(ssh|ecdsa|sk)-[\w@.-]+ [A-Za-z0-9+/=]+$/, "must be such as ssh-ed25519 AAAA…")
    .optional()
    .describe("The host's public key, where it is known beforehand."),
});

export const sshInfrastructureSchema = z
  .strictObject({
    provider: z.literal("ssh"),
    user: word("the name of a user").optional().describe("Who logs in. Default: what ssh takes."),
    port: port.optional().describe("Default: what ssh takes, 22."),
    identityFile: keyFile
      .optional()
      .describe("The private key that opens the hosts. Default: the agent's, and ssh's usual ones."),
    jumpHosts: z
      .array(word("such as user@gate.example:22"))
      .default([])
      .describe("Hosts to go through, first to last, user@host:port each."),
    sudo: z.boolean().default(false).describe("Commands become root by sudo, which must not ask for a password."),
    hostKeys: z
      .enum(["accept-new", "known"])
      .default("accept-new")
      .describe(
        "accept-new: a host's key is believed when it is first seen, and kept in the cluster's folder. known: it must be in your own known_hosts.",
      ),
    hosts: z.array(hostSchema).min(1).describe("The hosts. Those that no machine needs stay untouched."),
  })
  .describe("Hosts you have already (bare metal, virtual machines), reached by SSH.");

export type SshInfrastructure = z.output<typeof sshInfrastructureSchema>;
export type SshHost = SshInfrastructure["hosts"][number];
