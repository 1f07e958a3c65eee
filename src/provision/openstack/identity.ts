// What the cluster may do on OpenStack: machines have no identity of their own there, so cloud controllers and the Cinder driver get a
// password of the account in use that works nowhere else and can be taken back.

import { document } from "../tofu/cloud.ts";
import type { TofuDocument } from "../tofu/document.ts";
import type { OpenstackInput } from "./provider.ts";

export function openstackIdentity({ cluster }: OpenstackInput): TofuDocument {
  return document("What cloud controllers and the disk driver log in with.", {
    resource: {
      openstack_identity_application_credential_v3: {
        cluster: {
          name: `${cluster}-kubernetes`,
          description: `Cloud controllers and disk driver of cluster ${cluster}`,
          unrestricted: false,
        },
      },
    },
  });
}
