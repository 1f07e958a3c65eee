// Goes back to an earlier revision, as an annotation of the old API asks. Pure.

import type { Deployment, ReplicaSet } from "#kubernetes/api";
import { annotationsForRollback, lastRevision, revisionOf, rollbackAnnotation } from "./replica-set-annotations.ts";
import { isSameTemplate, withoutHash } from "./templates.ts";

export interface RollbackPlan {
  /** The Deployment to write; its request is gone in any case. */
  readonly deployment: Deployment;
  readonly event: { readonly type: "Normal" | "Warning"; readonly reason: string; readonly message: string };
}

/** `revision` 0 means the last one. */
export function planRollback(deployment: Deployment, sets: readonly ReplicaSet[], revision: bigint): RollbackPlan {
  const wanted = revision === 0n ? lastRevision(sets) : revision;
  const set = wanted === 0n ? undefined : sets.find((candidate) => revisionOf(candidate) === wanted);
  if (!set) {
    const message = wanted === 0n ? "Unable to find last revision." : "Unable to find the revision to rollback to.";
    return refuse(deployment, "DeploymentRollbackRevisionNotFound", message);
  }
  const { template } = set.spec ?? {};
  if (!template || isSameTemplate(template, deployment.spec?.template)) {
    const message = `The rollback revision contains the same template as current deployment "${deployment.metadata.name}"`;
    return refuse(deployment, "DeploymentRollbackTemplateUnchanged", message);
  }
  const annotations = annotationsForRollback(deployment, set);
  const message = `Rolled back deployment "${deployment.metadata.name}" to revision ${wanted}`;
  return {
    deployment: withoutRequest({
      ...deployment,
      metadata: { ...deployment.metadata, annotations },
      spec: { ...deployment.spec!, template: withoutHash(template) },
    }),
    event: { type: "Normal", reason: "DeploymentRollback", message },
  };
}

function refuse(deployment: Deployment, reason: string, message: string): RollbackPlan {
  return { deployment: withoutRequest(deployment), event: { type: "Warning", reason, message } };
}

function withoutRequest(deployment: Deployment): Deployment {
  const { [rollbackAnnotation]: _, ...annotations } = deployment.metadata.annotations ?? {};
  return { ...deployment, metadata: { ...deployment.metadata, annotations } };
}
