// Sees to it that every active namespace has the service account "default".

import { isAlreadyExists, isNotFound, resources } from "#kubernetes/api";
import { createController, done, type ReconcileContext, type ReconcileResult, watch } from "#kubernetes/runtime";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { isNamespaceTerminating } from "../pods/pod-control.ts";

const name = "default";

export function createServiceAccountController(context: ControllerContext): ControllerProcess {
  const { client, informers } = context;
  const namespaces = informers.informer(resources.namespaces);
  const serviceAccounts = informers.informer(resources.serviceAccounts);

  const reconcile = async (namespace: string, { signal }: ReconcileContext): Promise<ReconcileResult> => {
    if (namespaces.get({ name: namespace })?.status?.phase !== "Active") return done;
    if (serviceAccounts.get({ namespace, name })) return done;
    try {
      await client.create(resources.serviceAccounts, { metadata: { namespace, name } }, { signal });
    } catch (error) {
      if (!isAlreadyExists(error) && !isNotFound(error) && !isNamespaceTerminating(error)) throw error;
    }
    return done;
  };

  return createController({
    ...context,
    name: "serviceaccount",
    reconcile,
    watches: [
      watch(namespaces, (queue) => ({
        added: (object) => queue.add(object.metadata.name ?? ""),
        updated: (object) => queue.add(object.metadata.name ?? ""),
      })),
      watch(serviceAccounts, (queue) => ({
        deleted: (object) => queue.add(object.metadata.namespace ?? ""),
      })),
    ],
  });
}
