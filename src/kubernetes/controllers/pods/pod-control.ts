// Creates and deletes pods for a controller, and tells people so by events on the owner.

import {
  isNotFound,
  isStatusError,
  type ObjectReference,
  type OwnerReference,
  type Pod,
  type PodTemplateSpec,
  resources,
} from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import type { EventRecorder } from "#kubernetes/runtime";

const longestGenerateName = 253;

export interface PodControl {
  /** Creates the pod. Throws what the server says, after an event about it. */
  create(pod: Pod, owner: ObjectReference): Promise<Pod>;
  /** Deletes the pod; undefined where it is gone already. Throws what the server says, after an event about it. */
  delete(pod: Pod, owner: ObjectReference): Promise<Pod | undefined>;
}

export function createPodControl(client: Client, events: EventRecorder, signal: AbortSignal): PodControl {
  return {
    async create(pod, owner) {
      try {
        const created = await client.create(resources.pods, pod, { signal });
        events.normal(owner, "SuccessfulCreate", `Created pod: ${created.metadata.name}`);
        return created;
      } catch (error) {
        if (!isNamespaceTerminating(error)) {
          events.warning(owner, "FailedCreate", `Error creating: ${(error as Error).message}`);
        }
        throw error;
      }
    },
    async delete({ metadata: { namespace, name = "" } }, owner) {
      try {
        const deleted = await client.delete(resources.pods, { namespace, name }, { signal });
        events.normal(owner, "SuccessfulDelete", `Deleted pod: ${name}`);
        return deleted;
      } catch (error) {
        if (isNotFound(error)) return undefined;
        events.warning(owner, "FailedDelete", `Error deleting: ${(error as Error).message}`);
        throw new Error(`unable to delete pods: ${(error as Error).message}`, { cause: error });
      }
    },
  };
}

/** The server refuses to create anything in a namespace that goes away: nothing to be done about it. */
export function isNamespaceTerminating(error: unknown): boolean {
  if (!isStatusError(error)) return false;
  return error.details?.causes?.some(({ reason }) => reason === "NamespaceTerminating") ?? false;
}

/** A pod by the template, to be named by the server after its owner. The template is shared, and so stays as it is. */
export function podFromTemplate(template: PodTemplateSpec | undefined, owner: PodOwner): Pod {
  const { labels, annotations, finalizers } = template?.metadata ?? {};
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      namespace: owner.namespace,
      generateName: generateNameOf(owner.reference.name),
      ...(labels && { labels: { ...labels } }),
      ...(annotations && { annotations: { ...annotations } }),
      ...(finalizers && { finalizers: [...finalizers] }),
      ownerReferences: [{ ...owner.reference }],
    },
    spec: structuredClone(template?.spec ?? { containers: [] }),
  };
}

export interface PodOwner {
  readonly namespace: string;
  readonly reference: OwnerReference;
}

/** "name-", unless that is too long for a name. */
function generateNameOf(name: string): string {
  return name.length < longestGenerateName ? `${name}-` : name;
}
