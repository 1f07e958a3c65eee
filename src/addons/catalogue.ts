// The catalogue: every add-on there is, by name.

import { type ClusterConfig, ConfigError, type ConfigProblem, didYouMean } from "#config";
import type { Addon } from "./addon.ts";
import { clusterInfo } from "./catalogue/cluster-info.ts";
import { dns } from "./catalogue/dns.ts";
import { storage } from "./catalogue/storage.ts";

export const catalogue: readonly Addon[] = [clusterInfo, dns, storage];

/** The names in a configuration that are no add-ons. */
export function checkAddons(config: ClusterConfig): ConfigProblem[] {
  const names = catalogue.map(({ name }) => name);
  return config.addons.flatMap(({ name }, index) => {
    if (names.includes(name)) return [];
    const guess = didYouMean(name, names);
    const hint = guess ? `, did you mean "${guess}"?` : `; there are: ${names.join(", ")}`;
    return [{ path: ["addons", index, "name"], message: `"${name}" is no add-on${hint}` }];
  });
}

/** The add-ons a configuration asks for, with those that are always there. Throws ConfigError for names that are none. */
export function chooseAddons(config: ClusterConfig): readonly Addon[] {
  const problems = checkAddons(config);
  if (problems.length > 0) throw new ConfigError("the configuration", problems);
  const wanted = new Set(config.addons.map(({ name }) => name));
  return catalogue.filter(({ name, always }) => always || wanted.has(name));
}
