// The ReplicaSet controller: see replicas/, which ReplicationControllers share.

import { resources } from "#kubernetes/api";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { compileSelector } from "../ownership/selectors.ts";
import { createReplicaController } from "../replicas/reconcile.ts";

export function createReplicaSetController(context: ControllerContext): ControllerProcess {
  return createReplicaController(context, {
    resource: resources.replicaSets,
    component: "replicaset-controller",
    selectorOf: (replicaSet) => compileSelector(replicaSet.spec?.selector),
    countsTerminating: true,
  });
}
