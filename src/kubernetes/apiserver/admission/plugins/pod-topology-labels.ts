// PodTopologyLabels: a pod carries the zone and region of its node, from the moment it is bound.

import { type Binding, type Pod, resources } from "#kubernetes/api";
import type { LiveObjects } from "../../live-objects.ts";
import { type AdmissionPlugin, isResource } from "../admission.ts";
import type { PluginContext } from "./plugin-context.ts";

const copied = ["topology.kubernetes.io/zone", "topology.kubernetes.io/region"];

export function podTopologyLabels({ objects }: PluginContext): AdmissionPlugin {
  return {
    name: "PodTopologyLabels",
    handles: (target) =>
      target.operation === "CREATE" &&
      (isResource(target, "", "pods") ||
        isResource(target, "", "bindings") ||
        (target.group === "" && target.resource === "pods" && target.subresource === "binding")),
    async admit({ object, kind }) {
      const node = kind === "Binding" ? targetOf(object as Binding) : (object as Pod).spec?.nodeName;
      if (!node || !object) return;
      const labels = await topologyOf(objects, node);
      if (Object.keys(labels).length > 0) object.metadata.labels = { ...object.metadata.labels, ...labels };
    },
  };
}

/** A binding without one is refused later. */
function targetOf({ target }: Partial<Binding>): string | undefined {
  return target?.kind === "Node" ? target.name : undefined;
}

async function topologyOf(objects: LiveObjects, name: string): Promise<Record<string, string>> {
  const labels = (await objects.get(resources.nodes, { name }))?.metadata.labels ?? {};
  return Object.fromEntries(copied.flatMap((key) => (labels[key] === undefined ? [] : [[key, labels[key]]])));
}
