// Users by client certificate: the common name is the user, the organizations are the groups.

import type { UserInfo } from "#kubernetes/api";
import type { ClientCertificate } from "../call.ts";
import { allAuthenticated } from "./users.ts";

/** Undefined for a certificate without a common name. */
export function certificateUser(certificate: ClientCertificate): UserInfo | undefined {
  if (certificate.commonName === "") return undefined;
  return {
    name: certificate.commonName,
    ...(certificate.uid !== undefined && { uid: certificate.uid }),
    groups: [...certificate.organizations, allAuthenticated],
    extra: { "authentication.kubernetes.io/credential-id": [`X509SHA256=${certificate.fingerprint}`] },
  };
}
