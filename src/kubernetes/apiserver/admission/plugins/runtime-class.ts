// RuntimeClass: a pod takes over what its runtime class says of overhead and of where it may run.

import {
  equalJson,
  type Pod,
  quote,
  type RuntimeClass,
  resources,
  StatusError,
  type Toleration,
} from "#kubernetes/api";
import { type AdmissionPlugin, isResource } from "../admission.ts";
import { Refusal } from "../refusal.ts";
import { describeBadName } from "./bad-name.ts";
import type { PluginContext } from "./plugin-context.ts";

const mismatch = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";

export function runtimeClass({ objects }: PluginContext): AdmissionPlugin {
  const classOf = async (pod: Pod): Promise<RuntimeClass | undefined> => {
    const name = pod.spec?.runtimeClassName;
    if (name === undefined) return undefined;
    const problem = describeBadName(name);
    if (problem) throw new StatusError({ code: 500, reason: "", message: problem });
    const found = await objects.get(resources.runtimeClasses, { name });
    if (!found) throw new Refusal(`pod rejected: RuntimeClass ${quote(name)} not found`);
    return found;
  };
  return {
    name: "RuntimeClass",
    handles: (target) => target.operation === "CREATE" && isResource(target, "", "pods"),
    async admit({ object }) {
      const pod = object as Pod;
      const found = await classOf(pod);
      if (found?.overhead) setOverhead(pod, found.overhead.podFixed);
      if (found?.scheduling) setScheduling(pod, found.scheduling);
    },
    async validate({ object }) {
      const pod = object as Pod;
      const overhead = (await classOf(pod))?.overhead?.podFixed;
      if (overhead) {
        if (!equalJson(overhead, pod.spec?.overhead)) throw new Refusal(mismatch);
      } else if (pod.spec?.overhead) {
        throw new Refusal("pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
      }
    },
  };
}

function setOverhead({ spec }: Pod, overhead: Record<string, string> | undefined): void {
  const given = spec!.overhead;
  if (given && Object.keys(given).length > 0 && !equalJson(given, overhead)) throw new Refusal(mismatch);
  if (overhead) spec!.overhead = { ...overhead };
}

function setScheduling({ spec }: Pod, scheduling: NonNullable<RuntimeClass["scheduling"]>): void {
  const selector = { ...spec!.nodeSelector };
  for (const [key, value] of Object.entries(scheduling.nodeSelector ?? {})) {
    const given = selector[key];
    if (given !== undefined && given !== value) {
      throw new Refusal(
        `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${given}`,
      );
    }
    selector[key] = value;
  }
  if (Object.keys(selector).length > 0) spec!.nodeSelector = selector;
  const tolerations = mergeTolerations(spec!.tolerations ?? [], scheduling.tolerations ?? []);
  if (tolerations.length > 0) spec!.tolerations = tolerations;
}

function mergeTolerations(first: readonly Toleration[], second: readonly Toleration[]): Toleration[] {
  const merged = [...first];
  for (const toleration of second)
    if (!merged.some((each) => equalJson(each, toleration))) merged.push({ ...toleration });
  return merged;
}
