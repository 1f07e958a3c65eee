// How many pods the controllers of some pods ask for, all together.

import {
  type Deployment,
  isNotFound,
  isStatusError,
  type KubeObject,
  type OwnerReference,
  type Pod,
  parseApiVersion,
  type ReplicaSet,
  type ReplicationController,
  type Resource,
  resources,
  type Scale,
  type StatefulSet,
} from "#kubernetes/api";
import { type Client, discoverResources, type Informer, type InformerSet, type Lister } from "#kubernetes/client";
import { controllerOf } from "../ownership/owner-references.ts";

export interface Workloads {
  readonly client: Client;
  readonly replicationControllers: Informer<ReplicationController>;
  readonly replicaSets: Informer<ReplicaSet>;
  readonly deployments: Informer<Deployment>;
  readonly statefulSets: Informer<StatefulSet>;
}

export function workloadsOf(client: Client, informers: InformerSet): Workloads {
  return {
    client,
    replicationControllers: informers.informer(resources.replicationControllers),
    replicaSets: informers.informer(resources.replicaSets),
    deployments: informers.informer(resources.deployments),
    statefulSets: informers.informer(resources.statefulSets),
  };
}

export interface ExpectedScale {
  readonly count: number;
  /** Pods without a controller: nobody says how many there should be. */
  readonly unmanaged: readonly Pod[];
}

/** Throws where a pod's controller cannot be found. */
export async function expectedScale(
  pods: readonly Pod[],
  workloads: Workloads,
  signal: AbortSignal,
): Promise<ExpectedScale> {
  const scales = new Map<string, number>();
  const known = new Set<string>();
  const unmanaged: Pod[] = [];
  for (const pod of pods) {
    const reference = controllerOf(pod);
    if (!reference) unmanaged.push(pod);
    else if (!known.has(reference.uid)) {
      known.add(reference.uid);
      const scale = await findScale(reference, pod.metadata.namespace ?? "", workloads, signal);
      if (!scale) throw new Error(`found no controllers for pod "${pod.metadata.name}"`);
      scales.set(scale.uid, scale.replicas);
    }
  }
  return { count: scales.values().reduce((sum, replicas) => sum + replicas, 0), unmanaged };
}

interface ControllerScale {
  readonly uid: string;
  readonly replicas: number;
}

async function findScale(
  reference: OwnerReference,
  namespace: string,
  workloads: Workloads,
  signal: AbortSignal,
): Promise<ControllerScale | undefined> {
  const { group } = parseApiVersion(reference.apiVersion);
  switch (`${group}/${reference.kind}`) {
    case "/ReplicationController":
      return scaleOf(workloads.replicationControllers, reference, namespace);
    case "apps/StatefulSet":
      return scaleOf(workloads.statefulSets, reference, namespace);
    case "apps/ReplicaSet":
      return replicaSetScale(workloads, reference, namespace);
    default:
      return askForScale(workloads.client, reference, namespace, signal);
  }
}

type Scaled = KubeObject & { readonly spec?: { readonly replicas?: number } };

function scaleOf(
  lister: Lister<Scaled>,
  { name, uid }: OwnerReference,
  namespace: string,
): ControllerScale | undefined {
  const owner = lister.get({ namespace, name });
  return owner?.metadata.uid === uid ? { uid, replicas: owner.spec?.replicas ?? 1 } : undefined;
}

/** Of a ReplicaSet that belongs to a Deployment, the Deployment's. */
function replicaSetScale(
  { replicaSets, deployments }: Workloads,
  reference: OwnerReference,
  namespace: string,
): ControllerScale | undefined {
  const replicaSet = replicaSets.get({ namespace, name: reference.name });
  if (replicaSet?.metadata.uid !== reference.uid) return undefined;
  const above = controllerOf(replicaSet);
  if (above?.kind === "Deployment") return scaleOf(deployments, above, namespace);
  return scaleOf(replicaSets, reference, namespace);
}

/** Any other controller is asked through its scale subresource. */
async function askForScale(
  client: Client,
  { apiVersion, kind, name, uid }: OwnerReference,
  namespace: string,
  signal: AbortSignal,
): Promise<ControllerScale | undefined> {
  const discovered = await discoverResources(client, signal);
  const { group, version } = parseApiVersion(apiVersion);
  const found = discovered.resources.find(
    ({ resource }) => resource.group === group && resource.version === version && resource.kind === kind,
  );
  if (!found) throw new Error(`no matches for kind "${kind}" in version "${apiVersion}"`);
  const resource = found.resource as unknown as Resource<Scale & KubeObject>;
  try {
    const scale = await client.get(resource, { namespace, name }, { subresource: "scale", signal });
    return scale.metadata.uid === uid ? { uid, replicas: scale.spec?.replicas ?? 0 } : undefined;
  } catch (error) {
    if (!isNotFound(error)) throw error;
    // The object's name is in the answer only where it is the object that is missing.
    if (isStatusError(error) && error.details?.name) return undefined;
    const groupResource = group === "" ? resource.resource : `${resource.resource}.${group}`;
    throw new Error(`${groupResource} does not implement the scale subresource`);
  }
}
