// Every kind with rules of its own, by group.

import { admissionregistrationKinds } from "./admissionregistration/admissionregistration-kinds.ts";
import { apiextensionsKinds } from "./apiextensions/apiextensions-kinds.ts";
import { apiregistrationKinds } from "./apiregistration/apiregistration-kinds.ts";
import { appsKinds } from "./apps/apps-kinds.ts";
import { tokenRequest } from "./authentication/token-request.ts";
import { autoscalingKinds } from "./autoscaling/autoscaling-kinds.ts";
import { batchKinds } from "./batch/batch-kinds.ts";
import { certificatesKinds } from "./certificates/certificates-kinds.ts";
import { coordinationKinds } from "./coordination/coordination-kinds.ts";
import { coreKinds } from "./core/core-kinds.ts";
import { discoveryKinds } from "./discovery/discovery-kinds.ts";
import { eventsKinds } from "./events/events-kinds.ts";
import { flowcontrolKinds } from "./flowcontrol/flowcontrol-kinds.ts";
import type { KindDefinition } from "./kind-definition.ts";
import { networkingKinds } from "./networking/networking-kinds.ts";
import { nodeKinds } from "./node/node-kinds.ts";
import { policyKinds } from "./policy/policy-kinds.ts";
import { rbacKinds } from "./rbac/rbac-kinds.ts";
import { resourceKinds } from "./resource/resource-kinds.ts";
import { schedulingKinds } from "./scheduling/scheduling-kinds.ts";
import { storageKinds } from "./storage/storage-kinds.ts";

const definitions: readonly KindDefinition[] = [
  ...coreKinds,
  ...admissionregistrationKinds,
  ...apiregistrationKinds,
  ...apiextensionsKinds,
  ...appsKinds,
  tokenRequest,
  ...autoscalingKinds,
  ...batchKinds,
  ...certificatesKinds,
  ...coordinationKinds,
  ...discoveryKinds,
  ...eventsKinds,
  ...flowcontrolKinds,
  ...networkingKinds,
  ...nodeKinds,
  ...policyKinds,
  ...rbacKinds,
  ...resourceKinds,
  ...schedulingKinds,
  ...storageKinds,
];

const byKind = new Map(definitions.map((definition) => [keyOf(definition), definition]));

function keyOf({ group, version, kind }: Pick<KindDefinition, "group" | "version" | "kind">): string {
  return `${group}/${version}/${kind}`;
}

/** What the machinery needs to know of a kind; undefined where there is nothing to know beyond its schema. */
export function kindDefinitionOf(group: string, version: string, kind: string): KindDefinition | undefined {
  return byKind.get(keyOf({ group, version, kind }));
}
