// Infrastructure "nspawn": Debian machines that boot on this very machine, with systemd, sshd and cloud-init.

import { z } from "zod";

/** Debian's releases by the names of images. */
export const debianReleases = { "debian-12": "bookworm", "debian-13": "trixie" } as const;

/** What phase 2 and Kubernetes need on a machine, so that nothing has to be fetched when it becomes a node. */
const usualPackages = [
  "conntrack",
  "containerd",
  "containernetworking-plugins",
  "ethtool",
  "iptables",
  "nftables",
  "runc",
  "socat",
];

const packageName = /^[a-z0-9][a-z0-9+.-]+$/;

export const nspawnInfrastructureSchema = z
  .strictObject({
    provider: z.literal("nspawn"),
    image: z
      .string()
      .refine(
        (text) => text in debianReleases || text.startsWith("/"),
        `must be ${Object.keys(debianReleases).join(", ")} or the absolute path of a folder with a tree`,
      )
      .default("debian-12")
      .describe(
        `What the machines run: ${Object.keys(debianReleases).join(" or ")}, made once with mmdebstrap, or the folder of a tree with systemd and sshd.`,
      ),
    packages: z
      .array(z.string().regex(packageName, "must be the name of a Debian package"))
      .default(usualPackages)
      .describe("Packages that are in the image beside those every machine has."),
    mirror: z
      .string()
      .regex(/^(https?|file):\/\/\S+$/, "must be such as http://mirror.example/debian")
      .optional()
      .describe("Where packages come from. Default: where this machine's own come from."),
  })
  .describe("Booted Debian machines on this very machine (systemd-nspawn), for trying what hosts will do.");
