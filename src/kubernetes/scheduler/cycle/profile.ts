// The plug-ins of one scheduler name, sorted by where they have a say.

import type { Plugin } from "../framework.ts";
import type { PluginInterests } from "../queue/hint-table.ts";

export interface WeightedPlugin {
  readonly plugin: Plugin;
  readonly weight: number;
}

/** Each list in the order the plug-ins are asked. */
export interface Profile {
  /** The scheduler name pods ask for. */
  readonly name: string;
  /** How many of the nodes that fit are compared, in percent; undefined: as the configuration says for all profiles. */
  readonly percentageOfNodesToScore: number | undefined;
  readonly plugins: readonly Plugin[];
  /** What those that can reject pods want to hear of. */
  readonly interests: readonly PluginInterests[];
  readonly preEnqueue: readonly Plugin[];
  readonly queueSort: Plugin;
  readonly preFilter: readonly Plugin[];
  readonly filter: readonly Plugin[];
  readonly postFilter: readonly Plugin[];
  readonly preScore: readonly Plugin[];
  readonly score: readonly WeightedPlugin[];
  readonly reserve: readonly Plugin[];
  readonly permit: readonly Plugin[];
  readonly preBind: readonly Plugin[];
  readonly bind: readonly Plugin[];
  readonly postBind: readonly Plugin[];
}

/** What plug-ins handed over from their preFilter, by plug-in. */
export type FilterStates = ReadonlyMap<Plugin, unknown>;
