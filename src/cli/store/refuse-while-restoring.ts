// A restore that was cut off: until it is run to its end, machines may have different data.

import { existsSync, readFileSync } from "node:fs";
import { exitCodes, UserError } from "#shared";
import type { NamedCluster } from "../cluster.ts";

export function refuseWhileRestoring({ paths, name }: NamedCluster): void {
  if (!existsSync(paths.restoring)) return;
  const { file } = JSON.parse(readFileSync(paths.restoring, "utf8")) as { readonly file: string };
  throw new UserError(`Cannot change cluster ${name}: a restore of its data was cut off`, {
    hints: [`Go on with it: slipway store restore ${file} --name ${name}`],
    exitCode: exitCodes.conflict,
  });
}
