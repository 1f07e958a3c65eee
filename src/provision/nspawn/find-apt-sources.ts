// This machine's own sources of Debian packages, read from where apt has them.

import { join } from "node:path";
import type { Host } from "../host/host.ts";
import { type AptSource, parseAptSources, sourcesOf } from "./apt-sources.ts";

/** For a release of Debian, "trixie": the same places. None where this machine is no Debian. */
export function findAptSources(host: Host, wanted: string): AptSource[] {
  const system = host.read("/etc/os-release") ?? "";
  const release = /^VERSION_CODENAME=(.*)$/m.exec(system)?.[1];
  if (!/^ID=debian$/m.test(system) || release === undefined) return [];
  const folder = "/etc/apt/sources.list.d";
  const files = ["/etc/apt/sources.list", ...host.list(folder).map((name) => join(folder, name))];
  const sources = files
    .filter((file) => /\.(list|sources)$/.test(file))
    .flatMap((file) => parseAptSources(file, host.read(file) ?? ""));
  return sourcesOf(sources, release, wanted);
}
