// The servers that a resolv.conf names, looked up again when the file has changed: machines move between networks.

import { readFileSync, statSync } from "node:fs";
import { isIP } from "node:net";
import type { Clock } from "#shared";

export interface Server {
  readonly address: string;
  readonly port: number;
}

/** As resolv.conf(5): all of them, in order. */
export function parseNameServers(text: string): Server[] {
  return text.split("\n").flatMap((line) => {
    const [keyword, address = ""] = line.trim().split(/\s+/);
    return keyword === "nameserver" && isIP(address.split("%")[0]!) ? [{ address, port: 53 }] : [];
  });
}

/** A file is looked at when somebody asks, and not again within this time. */
const lookAgainMs = 1000;

export function createResolverFile(path: string, clock: Clock): () => readonly Server[] {
  let lookedAt = Number.NEGATIVE_INFINITY;
  let version = "";
  let servers: readonly Server[] = [];
  return () => {
    if (clock.now() - lookedAt < lookAgainMs) return servers;
    lookedAt = clock.now();
    try {
      const { mtimeMs, ino, size } = statSync(path);
      const found = `${mtimeMs}/${ino}/${size}`;
      if (found !== version) servers = parseNameServers(readFileSync(path, "utf8"));
      version = found;
    } catch {
      servers = [];
      version = "";
    }
    return servers;
  };
}
