import assert from "node:assert/strict";
import { test } from "node:test";
import { checkSchedulerConfiguration } from "../create-scheduler.ts";
import { defaultPlugins, type ExtensionPoint, type SchedulerConfiguration } from "./configuration.ts";
import { mergePluginSets, pluginsAt, weightOf } from "./plugin-sets.ts";
import { defaultFactories } from "./registry.ts";

test("configuration: every default plug-in is there", () => {
  const names = defaultPlugins.multiPoint!.enabled!.map(({ name }) => name);
  assert.deepEqual(
    names.filter((name) => !defaultFactories[name]),
    [],
  );
});

test("plug-in sets: a profile leaves out, adds, reorders and weighs anew", () => {
  const has =
    (...names: string[]) =>
    (name: string) =>
      names.includes(name);
  const defaults = { multiPoint: { enabled: [{ name: "A", weight: 2 }, { name: "B" }, { name: "C" }] } };
  const at = (point: ExtensionPoint, custom: Parameters<typeof mergePluginSets>[1], able = has("A", "B", "C", "D")) =>
    pluginsAt(point, mergePluginSets(defaults, custom), able);
  assert.deepEqual(at("filter", {}, has("A", "C")), ["A", "C"]);
  assert.deepEqual(at("filter", { filter: { disabled: [{ name: "B" }] } }), ["A", "C"]);
  assert.deepEqual(at("filter", { filter: { disabled: [{ name: "*" }], enabled: [{ name: "C" }] } }), ["C"]);
  assert.deepEqual(at("filter", { multiPoint: { enabled: [{ name: "D" }] } }), ["A", "B", "C", "D"]);
  assert.deepEqual(at("filter", { filter: { enabled: [{ name: "D" }, { name: "B" }] } }), ["B", "A", "C", "D"]);
  assert.throws(
    () => at("filter", { filter: { enabled: [{ name: "E" }] } }),
    /plugin "E" does not extend filter plugin/,
  );
  const weighed = mergePluginSets(defaults, { score: { enabled: [{ name: "A", weight: 7 }] } });
  assert.deepEqual([weightOf("A", weighed), weightOf("B", weighed)], [7, 1]);
});

test("configuration: everything wrong is told at once, in upstream's words", () => {
  const wrong: SchedulerConfiguration = {
    percentageOfNodesToScore: 101,
    podInitialBackoffSeconds: 0,
    profiles: [
      {
        schedulerName: "a",
        plugins: { filter: { enabled: [{ name: "Nonsense" }] } },
        pluginConfig: [{ name: "InterPodAffinity", args: { hardPodAffinityWeight: 101 } }],
      },
      { schedulerName: "a" },
    ],
  };
  assert.throws(
    () => checkSchedulerConfiguration(wrong),
    (error: Error) => {
      for (const part of [
        "percentageOfNodesToScore",
        "podInitialBackoffSeconds",
        "Nonsense",
        "hardPodAffinityWeight",
        'Duplicate value: "a"',
      ]) {
        assert.ok(error.message.includes(part), `${part}: ${error.message}`);
      }
      return true;
    },
  );
  checkSchedulerConfiguration({});
});
