// Priority: the number behind a pod's priority class, and one default class at most.

import { type Pod, type PriorityClass, resources } from "#kubernetes/api";
import type { LiveObjects } from "../../live-objects.ts";
import { type AdmissionPlugin, type AdmissionRequest, isResource } from "../admission.ts";
import { Refusal } from "../refusal.ts";
import type { PluginContext } from "./plugin-context.ts";

interface Priority {
  readonly className: string;
  readonly value: number;
  readonly preemptionPolicy: string | undefined;
}

export function priority({ objects }: PluginContext): AdmissionPlugin {
  return {
    name: "Priority",
    handles: (target) =>
      (target.operation === "CREATE" || target.operation === "UPDATE") &&
      (isResource(target, "", "pods") || isResource(target, "scheduling.k8s.io", "priorityclasses")),
    async admit(request) {
      if (request.resource !== "pods") return;
      if (request.operation === "UPDATE") return keepPriority(request);
      setPriority(request.object as Pod, await resolvePriority(objects, request.object as Pod));
    },
    async validate(request) {
      const priorityClass = request.object as PriorityClass;
      if (request.resource !== "priorityclasses" || !priorityClass.globalDefault) return;
      const current = await defaultClass(objects);
      if (!current || (request.operation === "UPDATE" && current.metadata.name === priorityClass.metadata.name)) return;
      const name = current.metadata.name;
      throw new Refusal(`PriorityClass ${name} is already marked as default. Only one default can exist`);
    },
  };
}

function keepPriority({ object, oldObject }: AdmissionRequest): void {
  const { spec } = object as Pod;
  const old = (oldObject as Pod).spec;
  if (!spec || !old) return;
  if (spec.priority === undefined && old.priority !== undefined) spec.priority = old.priority;
  if (spec.preemptionPolicy === undefined && old.preemptionPolicy !== undefined) {
    spec.preemptionPolicy = old.preemptionPolicy;
  }
}

async function resolvePriority(objects: LiveObjects, pod: Pod): Promise<Priority> {
  const name = pod.spec?.priorityClassName;
  const found = name ? await objects.get(resources.priorityClasses, { name }) : await defaultClass(objects);
  if (name && !found) throw new Refusal(`no PriorityClass with name ${name} was found`);
  if (!found) return { className: "", value: 0, preemptionPolicy: "PreemptLowerPriority" };
  return { className: found.metadata.name ?? "", value: found.value ?? 0, preemptionPolicy: found.preemptionPolicy };
}

function setPriority({ spec }: Pod, { className, value, preemptionPolicy }: Priority): void {
  if (!spec) return;
  if (className !== "") spec.priorityClassName = className;
  if (spec.priority !== undefined && spec.priority !== value) {
    throw new Refusal(
      `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
    );
  }
  spec.priority = value;
  if (preemptionPolicy === undefined) return;
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== preemptionPolicy) {
    throw new Refusal(
      `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${preemptionPolicy} from the given PriorityClass name`,
    );
  }
  spec.preemptionPolicy = preemptionPolicy;
}

/** Where several call themselves default, the one of the lowest value. */
async function defaultClass(objects: LiveObjects): Promise<PriorityClass | undefined> {
  const classes = (await objects.list(resources.priorityClasses)).filter((each) => each.globalDefault);
  return classes.toSorted((a, b) => (a.value ?? 0) - (b.value ?? 0))[0];
}
