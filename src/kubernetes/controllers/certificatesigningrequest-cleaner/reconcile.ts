// Deletes CertificateSigningRequests when they have served: an hour after they were signed, denied or failed, a day after
// nobody has decided. Upstream looks once an hour; here each goes when its time has come.

import { isNotFound, resources } from "#kubernetes/api";
import {
  createController,
  done,
  type ReconcileContext,
  type ReconcileResult,
  requeueAfter,
  watchOwn,
} from "#kubernetes/runtime";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { keptUntil } from "./plan.ts";

export function createCsrCleanerController(context: ControllerContext): ControllerProcess {
  const { client, informers } = context;
  const requests = informers.informer(resources.certificateSigningRequests);

  const reconcile = async (name: string, { clock, signal }: ReconcileContext): Promise<ReconcileResult> => {
    const request = requests.get({ name });
    const endMs = request && keptUntil(request);
    if (!request || endMs === undefined) return done;
    if (endMs >= clock.now()) return requeueAfter(endMs + 1 - clock.now());
    try {
      const preconditions = { uid: request.metadata.uid ?? "" };
      await client.delete(resources.certificateSigningRequests, { name }, { preconditions, signal });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    return done;
  };

  return createController({ ...context, name: "csrcleaner", reconcile, watches: [watchOwn(requests)] });
}
