// Whether machines can be booted here.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { containersMissing } from "./slipway.ts";

const tools = ["/usr/bin/systemd-nspawn", "/usr/bin/mmdebstrap", "/usr/bin/ssh"];
const trees = join(process.env["SLIPWAY_CACHE"] || "/var/cache/slipway", "machine-trees");

/** Why they cannot, or false. Making their Debian takes minutes and a mirror; what `slipway up` has made once is used again. */
export function machinesMissing(): string | false {
  const missing = tools.find((tool) => !existsSync(tool));
  if (containersMissing()) return containersMissing();
  if (missing) return `${missing} is not installed`;
  return existsSync(trees) ? false : `no Debian for machines was made yet (in ${trees})`;
}
