// The hooks of resource.k8s.io: expressions are compiled, and who may have what is checked, before anything is stored.

import type {
  DeviceClass,
  DeviceRequest,
  KubeObject,
  ResourceV1ResourceClaim as ResourceClaim,
  ResourceClaimTemplate,
} from "#kubernetes/api";
import type { ResourceHooks } from "../registry/resources/served-resource.ts";
import { checkClassSelectors, checkRequestSelectors } from "./check-selectors.ts";
import { type ClaimGuards, checkAdminRequests, checkClaimStatus } from "./claim-guards.ts";

const group = "resource.k8s.io";

/** By "group/resource". */
export function deviceHooks(guards: ClaimGuards): Readonly<Record<string, ResourceHooks>> {
  return {
    [`${group}/deviceclasses`]: {
      checkExpressions: (object) => checkClassSelectors(object as DeviceClass),
    },
    [`${group}/resourceclaims`]: {
      askOthers: async (object, old, { call }) =>
        old ? [] : checkAdminRequests(guards, call.info.namespace, (object as ResourceClaim).spec?.devices?.requests),
      askOthersOfStatus: (object, old, { call }) =>
        checkClaimStatus(guards, call, object as ResourceClaim, old as ResourceClaim),
      checkExpressions: (object) =>
        checkRequestSelectors((object as ResourceClaim).spec?.devices?.requests, "spec.devices.requests"),
    },
    [`${group}/resourceclaimtemplates`]: {
      askOthers: async (object, old, { call }) =>
        old ? [] : checkAdminRequests(guards, call.info.namespace, requestsOf(object)),
      checkExpressions: (object) => checkRequestSelectors(requestsOf(object), "spec.spec.devices.requests"),
    },
  };
}

function requestsOf(template: KubeObject): readonly DeviceRequest[] | undefined {
  return (template as ResourceClaimTemplate).spec.spec?.devices?.requests;
}
