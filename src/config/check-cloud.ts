// What no single field of a cloud's infrastructure can tell: pools that are named and not there, zones that are not among the
// infrastructure's, names that the cloud does not take.

import type { CloudInfrastructure, ClusterConfig } from "./cluster-config.ts";
import type { ConfigProblem, FieldPath } from "./config-problem.ts";
import { didYouMean } from "./did-you-mean.ts";

export function checkCloud({ name, infrastructure, workers }: Partial<ClusterConfig>): ConfigProblem[] {
  if (!infrastructure || infrastructure.provider === "local") return [];
  const pools = workers?.map((pool) => pool.name);
  return [
    ...(pools ? checkPoolNames(infrastructure, pools) : []),
    ...checkZones(infrastructure),
    ...checkName(infrastructure, name),
  ];
}

function checkPoolNames({ pools }: CloudInfrastructure, known: readonly string[]): ConfigProblem[] {
  const unknown = Object.keys(pools).filter((pool) => !known.includes(pool));
  return unknown.map((pool) => {
    const guess = didYouMean(pool, known);
    const hint = guess === undefined ? `; there are: ${known.join(", ")}` : `, did you mean "${guess}"?`;
    return { path: ["infrastructure", "pools", pool], message: `is not the name of a pool in workers${hint}` };
  });
}

function checkZones({ zones, controlPlane, workers, pools }: CloudInfrastructure): ConfigProblem[] {
  const lists: [FieldPath, readonly string[] | undefined][] = [
    [["controlPlane"], controlPlane.zones],
    [["workers"], workers.zones],
    ...Object.entries(pools).map(([pool, fields]): [FieldPath, string[] | undefined] => [
      ["pools", pool],
      fields.zones,
    ]),
  ];
  const missing = lists.flatMap(([path, wanted = []]) =>
    wanted.flatMap((zone, index): ConfigProblem[] => {
      if (zones.includes(zone)) return [];
      const message = `must be one of infrastructure.zones (${zones.join(", ")}), not "${zone}"`;
      return [{ path: ["infrastructure", ...path, "zones", index], message }];
    }),
  );
  const repeated = zones.flatMap((zone, index): ConfigProblem[] =>
    zones.indexOf(zone) === index
      ? []
      : [{ path: ["infrastructure", "zones", index], message: `"${zone}" is there twice` }],
  );
  return [...missing, ...repeated];
}

function checkName({ provider }: CloudInfrastructure, name: string | undefined): ConfigProblem[] {
  if (name === undefined || /^[a-z]/.test(name)) return [];
  return [{ path: ["name"], message: `must start with a letter with provider ${provider}` }];
}
