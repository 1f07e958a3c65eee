// Makes the plug-ins of a profile and sorts them by extension point.

import { UserError } from "#shared";
import type { Profile } from "../cycle/profile.ts";
import type { EventInterest } from "../events.ts";
import type { Plugin, PluginHandle } from "../framework.ts";
import type { PluginInterests } from "../queue/hint-table.ts";
import { defaultPlugins, defaultSchedulerName, type ExtensionPoint, type SchedulerProfile } from "./configuration.ts";
import { mergePluginSets, neededPlugins, pluginsAt, weightOf } from "./plugin-sets.ts";
import type { PluginFactory } from "./registry.ts";

/** The method by which a plug-in has an extension point. */
const methods = {
  preEnqueue: "preEnqueue",
  queueSort: "isBefore",
  preFilter: "preFilter",
  filter: "filter",
  postFilter: "postFilter",
  preScore: "preScore",
  score: "score",
  reserve: "reserve",
  permit: "permit",
  preBind: "preBind",
  bind: "bind",
  postBind: "postBind",
} as const satisfies Record<ExtensionPoint, keyof Plugin>;

/** Throws a UserError where the plug-ins do not make a whole. */
export function buildProfile(
  {
    schedulerName = defaultSchedulerName,
    percentageOfNodesToScore,
    plugins: custom = {},
    pluginConfig = [],
  }: SchedulerProfile,
  factories: Readonly<Record<string, PluginFactory>>,
  handleFor: (profileName: string) => PluginHandle,
): Profile {
  const handle = handleFor(schedulerName);
  const sets = mergePluginSets(defaultPlugins, custom);
  const args = new Map(pluginConfig.map((config) => [config.name, config.args]));
  const plugins = new Map(
    [...neededPlugins(sets)].map((name) => [name, factories[name]!(args.get(name) ?? {}, handle)] as const),
  );
  const at = (point: ExtensionPoint): Plugin[] =>
    orUserError(schedulerName, () => {
      const names = pluginsAt(point, sets, (name) => plugins.get(name)?.[methods[point]] !== undefined);
      return names.map((name) => plugins.get(name)!);
    });
  return {
    name: schedulerName,
    percentageOfNodesToScore,
    plugins: [...plugins.values()],
    interests: [...plugins.values()].flatMap(interestsOf),
    preEnqueue: at("preEnqueue"),
    queueSort: onlyQueueSort(schedulerName, at("queueSort")),
    preFilter: at("preFilter"),
    filter: at("filter"),
    postFilter: at("postFilter"),
    preScore: at("preScore"),
    score: at("score").map((plugin) => ({ plugin, weight: weightOf(plugin.name, sets) })),
    reserve: at("reserve"),
    permit: at("permit"),
    preBind: at("preBind"),
    bind: atLeastOneBinder(schedulerName, at("bind")),
    postBind: at("postBind"),
  };
}

/** One that can reject pods and does not say what may help them is taken to mean: anything. */
function interestsOf({ name, events, ...plugin }: Plugin): PluginInterests[] {
  const canReject = plugin.preEnqueue ?? plugin.preFilter ?? plugin.filter ?? plugin.reserve ?? plugin.permit;
  return canReject ? [{ plugin: name, interests: events ?? anything }] : [];
}

const anything: readonly EventInterest[] = [{ resource: "*", actions: ["All"] }];

function onlyQueueSort(profile: string, plugins: readonly Plugin[]): Plugin {
  const [plugin] = plugins;
  if (plugin && plugins.length === 1) return plugin;
  const problem = `only one queue sort plugin required for profile with scheduler name "${profile}"`;
  throw new UserError(`Cannot start the scheduler: ${problem}, but got ${plugins.length}`);
}

function atLeastOneBinder(profile: string, plugins: Plugin[]): Plugin[] {
  if (plugins.length > 0) return plugins;
  const problem = `at least one bind plugin is needed for profile with scheduler name "${profile}"`;
  throw new UserError(`Cannot start the scheduler: ${problem}`);
}

function orUserError<T>(profile: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UserError(`Cannot start the scheduler: profile "${profile}": ${message}`, { cause: error });
  }
}
