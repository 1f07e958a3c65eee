// The hooks of resource.k8s.io: expressions are compiled, and who may have what is checked, before anything is stored.

import {
  type DeviceClass,
  type FieldError,
  invalidObject,
  type KubeObject,
  type ResourceV1ResourceClaim as ResourceClaim,
  type ResourceClaimTemplate,
} from "#kubernetes/api";
import type { ResourceHooks } from "../registry/resources/served-resource.ts";
import { checkClassSelectors, checkRequestSelectors } from "./check-selectors.ts";
import { type ClaimGuards, checkAdminRequests, checkClaimStatus } from "./claim-guards.ts";

const group = "resource.k8s.io";

/** By "group/resource". */
export function deviceHooks(guards: ClaimGuards): Readonly<Record<string, ResourceHooks>> {
  return {
    [`${group}/deviceclasses`]: {
      beginCreate: async (object) => refuse("DeviceClass", object, checkClassSelectors(object as DeviceClass)),
      beginUpdate: async (object) => refuse("DeviceClass", object, checkClassSelectors(object as DeviceClass)),
    },
    [`${group}/resourceclaims`]: {
      async beginCreate(object, { call }) {
        const { requests } = (object as ResourceClaim).spec?.devices ?? {};
        const errors = await checkAdminRequests(guards, call.info.namespace, requests);
        return refuse("ResourceClaim", object, [
          ...errors,
          ...checkRequestSelectors(requests, "spec.devices.requests"),
        ]);
      },
      async beginStatusUpdate(object, old, { call }) {
        const errors = await checkClaimStatus(guards, call, object as ResourceClaim, old as ResourceClaim);
        refuse("ResourceClaim", object, errors);
      },
    },
    [`${group}/resourceclaimtemplates`]: {
      async beginCreate(object, { call }) {
        const { requests } = (object as ResourceClaimTemplate).spec.spec?.devices ?? {};
        const errors = await checkAdminRequests(guards, call.info.namespace, requests);
        const path = "spec.spec.devices.requests";
        return refuse("ResourceClaimTemplate", object, [...errors, ...checkRequestSelectors(requests, path)]);
      },
    },
  };
}

function refuse(kind: string, object: KubeObject, errors: readonly FieldError[]): undefined {
  if (errors.length > 0) throw invalidObject({ group, kind }, object.metadata.name ?? "", [...errors]);
}
