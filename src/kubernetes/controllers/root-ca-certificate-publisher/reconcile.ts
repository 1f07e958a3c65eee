// Keeps the certificates by which pods trust the API server in every namespace: the ConfigMap kube-root-ca.crt.

import { type ConfigMap, isNotFound, resources } from "#kubernetes/api";
import { createController, done, type ReconcileContext, type ReconcileResult, watch } from "#kubernetes/runtime";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { isNamespaceTerminating } from "../pods/pod-control.ts";
import { configMapName, planConfigMap } from "./plan.ts";

export function createRootCaCertificatePublisher(context: ControllerContext): ControllerProcess | undefined {
  const { client, informers, settings } = context;
  const { rootCa } = settings;
  if (rootCa === undefined) return undefined;
  const namespaces = informers.informer(resources.namespaces);
  const configMaps = informers.informer(resources.configMaps);

  const reconcile = async (namespace: string, { signal }: ReconcileContext): Promise<ReconcileResult> => {
    const wished = planConfigMap(configMaps.get({ namespace, name: configMapName }), namespace, rootCa);
    if (!wished) return done;
    try {
      if (wished.metadata.resourceVersion) await client.update(resources.configMaps, wished, { signal });
      else await client.create(resources.configMaps, wished, { signal });
    } catch (error) {
      if (!isNotFound(error) && !isNamespaceTerminating(error)) throw error;
    }
    return done;
  };

  const isOurs = (object: ConfigMap) => object.metadata.name === configMapName;
  return createController({
    ...context,
    name: "root_ca_cert_publisher",
    reconcile,
    watches: [
      watch(namespaces, (queue) => ({
        added: (object) => queue.add(object.metadata.name ?? ""),
        updated(object) {
          if (object.status?.phase === "Active") queue.add(object.metadata.name ?? "");
        },
      })),
      watch(configMaps, (queue) => {
        const add = (object: ConfigMap) => {
          if (isOurs(object)) queue.add(object.metadata.namespace ?? "");
        };
        return { updated: add, deleted: add };
      }),
    ],
  });
}
