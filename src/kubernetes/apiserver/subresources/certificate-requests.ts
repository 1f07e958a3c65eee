// Who asks for a certificate: the server writes down the user that sends a CertificateSigningRequest.

import type { CertificateSigningRequest } from "#kubernetes/api";
import type { ResourceHooks } from "../registry/resources/served-resource.ts";

export const certificateRequestHooks: ResourceHooks = {
  async beginCreate(object, { call }) {
    const { spec } = object as CertificateSigningRequest;
    const { name, uid, groups, extra } = call.user;
    delete spec.uid;
    delete spec.groups;
    delete spec.extra;
    spec.username = name;
    if (uid) spec.uid = uid;
    if (groups?.length) spec.groups = [...groups];
    if (extra && Object.keys(extra).length > 0) spec.extra = structuredClone(extra) as Record<string, string[]>;
    return undefined;
  },
};
