// Says in the status of each ValidatingAdmissionPolicy what is wrong with the types in its expressions, once for every change of
// the policy: kinds that are served later, or otherwise, do not matter.

import { formatApiVersion, resources, type ValidatingAdmissionPolicy } from "#kubernetes/api";
import { createController, done, type ReconcileContext, type ReconcileResult, watch } from "#kubernetes/runtime";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { OwnWrites } from "../own-writes.ts";
import { checkTypes } from "./check-types.ts";
import { isObserved } from "./plan.ts";
import { findPolicyTypes } from "./policy-types.ts";

const name = "validatingadmissionpolicy-status";

export function createValidatingAdmissionPolicyStatusController(context: ControllerContext): ControllerProcess {
  const { client, informers } = context;
  const policies = informers.informer(resources.validatingAdmissionPolicies);

  const reconcile = async (key: string, { signal }: ReconcileContext): Promise<ReconcileResult> => {
    const policy = policies.get({ name: key });
    if (!policy || isObserved(policy)) return done;
    const expressionWarnings = checkTypes(policy, await findPolicyTypes(client, policy, signal));
    const typeChecking = expressionWarnings.length > 0 ? { expressionWarnings } : {};
    const body = {
      apiVersion: formatApiVersion(resources.validatingAdmissionPolicies),
      kind: resources.validatingAdmissionPolicies.kind,
      metadata: { name: key },
      status: { observedGeneration: policy.metadata.generation, typeChecking },
    };
    const patch = { type: "apply", body, force: true } as const;
    const options = { subresource: "status", fieldManager: name, signal };
    const writes = new OwnWrites();
    const written = await client.patch(resources.validatingAdmissionPolicies, { name: key }, patch, options);
    writes.note(policies, written);
    await writes.seen(signal);
    return done;
  };

  return createController({
    ...context,
    name,
    reconcile,
    watches: [
      watch(policies, (queue) => {
        const add = (policy: ValidatingAdmissionPolicy) => {
          if (!isObserved(policy)) queue.add(policy.metadata.name ?? "");
        };
        return { added: add, updated: add };
      }),
    ],
  });
}
