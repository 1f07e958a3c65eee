// The ReplicationController controller: see replicas/, which ReplicaSets share.

import { resources } from "#kubernetes/api";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { compileLabels } from "../ownership/selectors.ts";
import { createReplicaController } from "../replicas/reconcile.ts";

export function createReplicationControllerController(context: ControllerContext): ControllerProcess {
  return createReplicaController(context, {
    resource: resources.replicationControllers,
    component: "replication-controller",
    selectorOf: (controller) => compileLabels(controller.spec?.selector),
    countsTerminating: false,
  });
}
