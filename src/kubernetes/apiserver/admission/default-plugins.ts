// The admission plug-ins there are, in upstream's order, and which of them run where nobody chooses.

import type { AdmissionPlugin } from "./admission.ts";
import { certificateApproval, certificateSigning, certificateSubjectRestriction } from "./plugins/certificates.ts";
import { defaultTolerationSeconds } from "./plugins/default-tolerations.ts";
import { defaultIngressClass } from "./plugins/ingress-class.ts";
import { limitRanger } from "./plugins/limit-ranger.ts";
import { namespaceLifecycle } from "./plugins/namespace-lifecycle.ts";
import { nodeRestriction } from "./plugins/node-restriction.ts";
import { taintNodesByCondition } from "./plugins/node-taint.ts";
import { ownerReferencesPermissionEnforcement } from "./plugins/owner-references.ts";
import type { PluginContext } from "./plugins/plugin-context.ts";
import { podTopologyLabels } from "./plugins/pod-topology-labels.ts";
import { priority } from "./plugins/priority.ts";
import { resourceQuota } from "./plugins/resource-quota.ts";
import { runtimeClass } from "./plugins/runtime-class.ts";
import { serviceAccount } from "./plugins/service-account.ts";
import { defaultStorageClass, persistentVolumeClaimResize, storageObjectInUseProtection } from "./plugins/storage.ts";
import { podSecurity } from "./pod-security/pod-security.ts";

const offByDefault: ReadonlySet<string> = new Set(["OwnerReferencesPermissionEnforcement"]);

/** Those of the names; without names upstream's defaults, and NodeRestriction, which every distribution turns on. */
export function choosePlugins(
  plugins: readonly AdmissionPlugin[],
  names: readonly string[] | undefined,
): readonly AdmissionPlugin[] {
  return plugins.filter(({ name }) => (names ? names.includes(name) : !offByDefault.has(name)));
}

/** `dynamic` are those that the API's objects configure. */
export function allPlugins(context: PluginContext, dynamic: readonly AdmissionPlugin[]): AdmissionPlugin[] {
  return [
    namespaceLifecycle(context),
    limitRanger(context),
    serviceAccount(context),
    nodeRestriction(context),
    taintNodesByCondition,
    podSecurity(context),
    priority(context),
    defaultTolerationSeconds,
    defaultStorageClass(context),
    storageObjectInUseProtection,
    ownerReferencesPermissionEnforcement(context),
    persistentVolumeClaimResize(context),
    runtimeClass(context),
    certificateApproval(context),
    certificateSigning(context),
    certificateSubjectRestriction,
    defaultIngressClass(context),
    podTopologyLabels(context),
    ...dynamic,
    // Counts what all others have made of the object.
    resourceQuota(context),
  ];
}
