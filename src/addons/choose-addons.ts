// Which add-ons a cluster gets: those its configuration lists, the pod network it names, and those that are always there. What is wrong
// with the list as far as the catalogue knows: names, versions, values, and add-ons that do not fit the cluster.

import { type AddonConfig, type ClusterConfig, ConfigError, type ConfigProblem, checkValue, didYouMean } from "#config";
import type { Addon } from "./addon.ts";
import { catalogue } from "./catalogue.ts";

export interface ChosenAddon {
  readonly name: string;
  readonly description: string;
  /** What the configuration says of it; for what it does not list, just the name. */
  readonly config: AddonConfig;
  /** In the catalogue; absent for one of the person's own. */
  readonly entry?: Addon;
}

/** Everything that is wrong with the add-ons of a configuration. */
export function checkAddons(config: ClusterConfig): ConfigProblem[] {
  return [
    ...config.addons.flatMap((addon, index) =>
      addon.source ? checkOwn(addon, index) : checkListed(addon, index, config),
    ),
    ...checkNetwork(config),
  ];
}

/** An own add-on must not pass for one of the catalogue. */
function checkOwn({ name }: AddonConfig, index: number): ConfigProblem[] {
  if (!findAddon(name)) return [];
  return [
    {
      path: ["addons", index, "name"],
      message: `"${name}" is an add-on of the catalogue: one with a source of its own needs another name`,
    },
  ];
}

function checkListed(addon: AddonConfig, index: number, config: ClusterConfig): ConfigProblem[] {
  const at = (field: string, message: string): ConfigProblem => ({ path: ["addons", index, field], message });
  const entry = findAddon(addon.name);
  if (!entry) return [at("name", `"${addon.name}" is no add-on${guess(addon.name)}`)];
  const problems: ConfigProblem[] = [];
  const refusal = entry.isNetwork ? undefined : entry.refuse?.(config);
  if (refusal !== undefined) problems.push(at("name", refusal));
  if (entry.isNetwork && config.network.plugin !== entry.name) {
    problems.push(at("name", `"${entry.name}" is a pod network, but network.plugin is ${config.network.plugin}`));
  }
  const versions = (entry.releases ?? []).map(({ version }) => version);
  if (addon.version !== undefined && !versions.includes(addon.version)) {
    const known =
      versions.length > 0 ? `there are: ${versions.join(", ")}` : "it comes with slipway, in no version of its own";
    problems.push(at("version", `"${addon.version}" is no version of ${entry.name}; ${known}`));
  }
  if (addon.values === undefined) return problems;
  if (!entry.values) return [...problems, at("values", `must not be given: ${entry.name} has no settings`)];
  const checked = checkValue(entry.values, addon.values, ["addons", index, "values"]);
  return "problems" in checked ? [...problems, ...checked.problems] : problems;
}

function checkNetwork(config: ClusterConfig): ConfigProblem[] {
  const refusal = findAddon(config.network.plugin)?.refuse?.(config);
  return refusal === undefined ? [] : [{ path: ["network", "plugin"], message: refusal }];
}

function guess(name: string): string {
  const names = catalogue.filter(({ always }) => !always).map((addon) => addon.name);
  const near = didYouMean(name, names);
  return near ? `, did you mean "${near}"?` : `; there are: ${names.join(", ")}; one of your own needs a source`;
}

export function findAddon(name: string): Addon | undefined {
  return catalogue.find((addon) => addon.name === name);
}

/** In the order in which they are to be shown. Throws ConfigError where checkAddons would find something. */
export function chooseAddons(config: ClusterConfig): readonly ChosenAddon[] {
  const problems = checkAddons(config);
  if (problems.length > 0) throw new ConfigError("the configuration", problems);
  const listed = new Map(config.addons.map((addon) => [addon.name, addon]));
  const implied = catalogue.filter(
    (addon) => !listed.has(addon.name) && (addon.always?.(config) || addon.name === config.network.plugin),
  );
  const all: AddonConfig[] = [...implied.map(({ name }) => ({ name })), ...config.addons];
  return all.map((addon) => describeChosen(addon));
}

/** An add-on that no configuration lists. */
export function chosen(entry: Addon): ChosenAddon {
  return { name: entry.name, description: entry.description, config: { name: entry.name }, entry };
}

function describeChosen(config: AddonConfig): ChosenAddon {
  const { name, source } = config;
  const entry = source ? undefined : findAddon(name);
  return { name, description: entry?.description ?? describeSource(config), config, ...(entry && { entry }) };
}

function describeSource({ source }: AddonConfig): string {
  if (source?.helm) return `your own, from the chart ${source.helm.chart}`;
  return `your own, from ${source?.manifests ?? source?.kustomize}`;
}
