// The kinds of the core group, "" v1.

import type { KindDefinition } from "../kind-definition.ts";
import { binding } from "./binding.ts";
import { componentStatus } from "./component-status.ts";
import { configMap } from "./config-map.ts";
import { endpoints } from "./endpoints.ts";
import { event } from "./event.ts";
import { limitRange } from "./limit-range.ts";
import { namespace } from "./namespace.ts";
import { node } from "./node/node.ts";
import { persistentVolume } from "./persistent-volume/persistent-volume.ts";
import { persistentVolumeClaim } from "./persistent-volume-claim/persistent-volume-claim.ts";
import { pod } from "./pod/pod.ts";
import { podTemplate } from "./pod-template.ts";
import { replicationController } from "./replication-controller.ts";
import { resourceQuota } from "./resource-quota.ts";
import { secret } from "./secret/secret.ts";
import { service } from "./service/service.ts";
import { serviceAccount } from "./service-account.ts";

export const coreKinds: readonly KindDefinition[] = [
  binding,
  componentStatus,
  configMap,
  endpoints,
  event,
  limitRange,
  namespace,
  node,
  persistentVolume,
  persistentVolumeClaim,
  pod,
  podTemplate,
  replicationController,
  resourceQuota,
  secret,
  service,
  serviceAccount,
];
