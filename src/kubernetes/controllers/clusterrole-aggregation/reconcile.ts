// Gives ClusterRoles with an aggregation rule the rules of those they select, such as admin, edit and view.

import { type ClusterRole, formatApiVersion, resources } from "#kubernetes/api";
import { createController, done, type ReconcileContext, type ReconcileResult, watch } from "#kubernetes/runtime";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { OwnWrites } from "../own-writes.ts";
import { planRules } from "./plan.ts";

const fieldManager = "clusterrole-aggregation-controller";

export function createClusterRoleAggregationController(context: ControllerContext): ControllerProcess {
  const { client, informers } = context;
  const clusterRoles = informers.informer(resources.clusterRoles);

  const reconcile = async (name: string, { signal }: ReconcileContext): Promise<ReconcileResult> => {
    const rules = planRules(clusterRoles.get({ name }), clusterRoles.list());
    if (!rules) return done;
    const { kind } = resources.clusterRoles;
    const body = { apiVersion: formatApiVersion(resources.clusterRoles), kind, metadata: { name }, rules };
    const writes = new OwnWrites();
    const patch = { type: "apply", body, force: true } as const;
    writes.note(clusterRoles, await client.patch(resources.clusterRoles, { name }, patch, { fieldManager, signal }));
    await writes.seen(signal);
    return done;
  };

  return createController({
    ...context,
    name: "ClusterRoleAggregator",
    reconcile,
    watches: [
      watch(clusterRoles, (queue) => {
        // Any role may be among those selected, and there are few that select.
        const addAll = () => {
          for (const role of clusterRoles.list()) if (isAggregated(role)) queue.add(role.metadata.name ?? "");
        };
        const addFirst = (role: ClusterRole, isInitialList: boolean) => {
          if (!isInitialList) addAll();
          else if (isAggregated(role)) queue.add(role.metadata.name ?? "");
        };
        return { added: addFirst, updated: addAll, deleted: addAll };
      }),
    ],
  });
}

function isAggregated({ aggregationRule }: ClusterRole): boolean {
  return aggregationRule !== undefined;
}
