// Tells people what happens to pods and their containers: events about the pod, those of a container with its place in the spec.

import { type Container, type ObjectReference, resources } from "#kubernetes/api";
import { type EventRecorder, referenceTo } from "#kubernetes/runtime";
import { type BoundPod, findContainer } from "./pod/bound-pod.ts";

export type EventType = "Normal" | "Warning";

export interface PodEvents {
  pod(pod: BoundPod, type: EventType, reason: string, message: string): void;
  /** `containerId` is replaced by the container's name in the message: an id in it would make every event a new one. */
  container(
    pod: BoundPod,
    container: Pick<Container, "name">,
    event: {
      readonly type: EventType;
      readonly reason: string;
      readonly message: string;
      readonly containerId?: string;
    },
  ): void;
}

export function createPodEvents(recorder: EventRecorder): PodEvents {
  const record = (reference: ObjectReference, type: EventType, reason: string, message: string) => {
    if (type === "Normal") recorder.normal(reference, reason, message);
    else recorder.warning(reference, reason, message);
  };
  return {
    pod: (pod, type, reason, message) => record(referenceTo(resources.pods, pod), type, reason, message),
    container(pod, { name }, { type, reason, message, containerId }) {
      const reference = { ...referenceTo(resources.pods, pod), fieldPath: fieldPathOf(pod, name) };
      record(reference, type, reason, containerId ? message.replaceAll(containerId, name) : message);
    },
  };
}

const lists = { init: "initContainers", regular: "containers", ephemeral: "ephemeralContainers" } as const;

/** Such as spec.containers{web}. */
function fieldPathOf(pod: BoundPod, name: string): string {
  const found = findContainer(pod.spec, name);
  return found ? `spec.${lists[found.kind]}{${name}}` : `implicitly required container ${name}`;
}
