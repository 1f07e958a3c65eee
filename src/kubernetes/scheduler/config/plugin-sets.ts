// Works out which plug-ins have a say at which extension point: the defaults, what a profile changes about them, and "multiPoint".

import {
  type ExtensionPoint,
  extensionPoints,
  type PluginReference,
  type PluginSet,
  type PluginSets,
} from "./configuration.ts";

/** A profile's plug-ins on top of the default ones. */
export function mergePluginSets(defaults: PluginSets, custom: PluginSets): PluginSets {
  const points = ["multiPoint", ...extensionPoints] as const;
  return Object.fromEntries(points.map((point) => [point, mergePluginSet(defaults[point], custom[point])]));
}

function mergePluginSet(defaults: PluginSet = {}, custom: PluginSet = {}): PluginSet {
  const disabled = [...(custom.disabled ?? []), ...(defaults.disabled ?? [])];
  const isDisabled = new Set(disabled.map(({ name }) => name));
  const wanted = custom.enabled ?? [];
  const kept = isDisabled.has("*") ? [] : (defaults.enabled ?? []).filter(({ name }) => !isDisabled.has(name));
  const keptNames = new Set(kept.map(({ name }) => name));
  const own = new Map(wanted.map((reference) => [reference.name, reference]));
  return {
    enabled: [
      ...kept.map((known) => own.get(known.name) ?? known),
      ...wanted.filter(({ name }) => !keptNames.has(name)),
    ],
    disabled,
  };
}

/** The names of all plug-ins that are enabled anywhere. */
export function neededPlugins(sets: PluginSets): Set<string> {
  return new Set(Object.values(sets).flatMap(({ enabled = [] }) => enabled.map(({ name }) => name)));
}

/**
 * The names of the plug-ins of an extension point, in order: first those that are named both for the point and in "multiPoint", in
 * the point's order; then the rest of "multiPoint" that has the point; then what only the point names. `hasPoint`: whether a
 * plug-in has it. Throws where one is named twice, or for a point it does not have.
 */
export function pluginsAt(
  point: ExtensionPoint,
  sets: PluginSets,
  hasPoint: (name: string) => boolean,
): readonly string[] {
  const named = namesOnce(sets[point]?.enabled ?? [], point);
  const unable = named.find((name) => !hasPoint(name));
  if (unable !== undefined) throw new Error(`plugin "${unable}" does not extend ${point} plugin`);
  const disabled = new Set(sets[point]?.disabled?.map(({ name }) => name));
  if (disabled.has("*")) return named;
  const able = sets.multiPoint?.enabled?.filter(({ name }) => hasPoint(name) && !disabled.has(name)) ?? [];
  const overridden = new Set(able.map(({ name }) => name)).intersection(new Set(named));
  const expanded = namesOnce(
    able.filter(({ name }) => !overridden.has(name)),
    point,
  );
  return [
    ...(overridden.size > 0 ? named.filter((name) => overridden.has(name)) : []),
    ...expanded,
    ...named.filter((name) => !overridden.has(name)),
  ];
}

function namesOnce(references: readonly PluginReference[], point: ExtensionPoint): string[] {
  const names = references.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new Error(`plugin "${twice}" already registered as "${point}"`);
  return names;
}

/** What a plug-in's scores count: as said for score, else as said in "multiPoint". */
export function weightOf(name: string, { score, multiPoint }: PluginSets): number {
  const references = [...(score?.enabled ?? []), ...(multiPoint?.enabled ?? [])];
  return references.find((reference) => reference.name === name && reference.weight)?.weight ?? 1;
}
