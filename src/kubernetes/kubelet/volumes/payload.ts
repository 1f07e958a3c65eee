// The files of configMap, secret, downwardAPI and projected volumes: what lies where, with which mode. Reads sources, writes nothing.

import type {
  ConfigMap,
  DownwardAPIVolumeFile,
  KeyToPath,
  Secret,
  ServiceAccountTokenProjection,
  Volume,
  VolumeProjection,
} from "#kubernetes/api";
import { describeError } from "#shared";
import { fieldValue, type PodAddresses } from "../downward/field-value.ts";
import { resourceValue } from "../downward/resource-value.ts";
import { type BoundPod, containersOf } from "../pod/bound-pod.ts";
import type { ResourceList } from "../pod/resources.ts";
import type { Payload, ProjectedFile } from "./atomic-writer.ts";

export interface PayloadSources {
  /** Undefined: there is no such object. Throws where it cannot be read. */
  configMap(pod: BoundPod, name: string): Promise<ConfigMap | undefined>;
  secret(pod: BoundPod, name: string): Promise<Secret | undefined>;
  /** A token for the pod's service account. */
  token(pod: BoundPod, projection: ServiceAccountTokenProjection): Promise<string>;
  addressesOf(pod: BoundPod): PodAddresses;
  allocatable(): ResourceList;
}

/** What a volume of these kinds holds now; undefined for a volume of another kind. Throws in upstream's words. */
export async function collectPayload(
  pod: BoundPod,
  volume: Volume,
  sources: PayloadSources,
): Promise<Payload | undefined> {
  const { configMap, secret, downwardAPI, projected } = volume;
  if (configMap) {
    return configMapFiles(pod, { ...configMap, mode: configMap.defaultMode ?? defaultMode }, sources);
  }
  if (secret) {
    const { secretName: name, items, optional, defaultMode: mode = defaultMode } = secret;
    return secretFiles(pod, { name, items, optional, mode }, sources);
  }
  if (downwardAPI) return downwardFiles(pod, downwardAPI.items, downwardAPI.defaultMode ?? defaultMode, sources);
  if (projected) return projectedFiles(pod, projected.sources ?? [], projected.defaultMode ?? defaultMode, sources);
  return undefined;
}

const defaultMode = 0o644;

interface KeySource {
  readonly name?: string | undefined;
  readonly items?: readonly KeyToPath[] | undefined;
  readonly optional?: boolean | undefined;
  readonly mode: number;
}

async function configMapFiles(pod: BoundPod, source: KeySource, sources: PayloadSources): Promise<Payload> {
  const map = await sources.configMap(pod, source.name ?? "");
  if (!map && !source.optional) throw new Error(`configmap ${JSON.stringify(source.name)} not found`);
  const data = new Map<string, Uint8Array>();
  for (const [key, text] of Object.entries(map?.data ?? {})) data.set(key, Buffer.from(text, "utf8"));
  for (const [key, base64] of Object.entries(map?.binaryData ?? {})) data.set(key, Buffer.from(base64, "base64"));
  return chooseKeys(data, source, (key) => `configmap references non-existent config key: ${key}`);
}

async function secretFiles(pod: BoundPod, source: KeySource, sources: PayloadSources): Promise<Payload> {
  const secret = await sources.secret(pod, source.name ?? "");
  if (!secret && !source.optional) throw new Error(`secret ${JSON.stringify(source.name)} not found`);
  const data = new Map<string, Uint8Array>();
  for (const [key, base64] of Object.entries(secret?.data ?? {})) data.set(key, Buffer.from(base64, "base64"));
  return chooseKeys(data, source, (key) => `references non-existent secret key: ${key}`);
}

function chooseKeys(
  data: ReadonlyMap<string, Uint8Array>,
  { items = [], optional, mode }: KeySource,
  describeMissing: (key: string) => string,
): Payload {
  const files = new Map<string, ProjectedFile>();
  if (items.length === 0) for (const [key, bytes] of data) files.set(key, { data: bytes, mode });
  for (const item of items) {
    const bytes = data.get(item.key);
    if (bytes) files.set(item.path, { data: bytes, mode: item.mode ?? mode });
    else if (!optional) throw new Error(describeMissing(item.key));
  }
  return files;
}

function downwardFiles(
  pod: BoundPod,
  items: readonly DownwardAPIVolumeFile[] = [],
  mode: number,
  sources: PayloadSources,
): Payload {
  const files = new Map<string, ProjectedFile>();
  for (const { path, fieldRef, resourceFieldRef, mode: own } of items) {
    const text = fieldRef
      ? fieldValue(pod, fieldRef.fieldPath, sources.addressesOf(pod))
      : resourceFieldRef
        ? resourceValue(pod, undefined, resourceFieldRef, sources.allocatable())
        : "";
    files.set(path, { data: Buffer.from(text, "utf8"), mode: own ?? mode });
  }
  return files;
}

/** All sources into one set of files; what is wrong with any of them is said at once. */
async function projectedFiles(
  pod: BoundPod,
  projections: readonly VolumeProjection[],
  mode: number,
  sources: PayloadSources,
): Promise<Payload> {
  const files = new Map<string, ProjectedFile>();
  const errors: string[] = [];
  for (const projection of projections) {
    try {
      for (const [path, file] of await projectionFiles(pod, projection, mode, sources)) files.set(path, file);
    } catch (error) {
      errors.push(describeError(error));
    }
  }
  if (errors.length === 1) throw new Error(errors[0]);
  if (errors.length > 1) throw new Error(`[${errors.join(", ")}]`);
  return files;
}

async function projectionFiles(
  pod: BoundPod,
  { configMap, secret, downwardAPI, serviceAccountToken, clusterTrustBundle, podCertificate }: VolumeProjection,
  mode: number,
  sources: PayloadSources,
): Promise<Payload> {
  if (configMap) return configMapFiles(pod, { ...configMap, mode }, sources);
  if (secret) return secretFiles(pod, { ...secret, mode }, sources);
  if (downwardAPI) return downwardFiles(pod, downwardAPI.items, mode, sources);
  if (serviceAccountToken) {
    const token = await sources.token(pod, serviceAccountToken);
    return new Map([[serviceAccountToken.path, ownedFile(pod, Buffer.from(token, "utf8"), mode)]]);
  }
  if (clusterTrustBundle) throw new Error("ClusterTrustBundle projection is not supported by this kubelet");
  if (podCertificate) throw new Error("PodCertificate projection is not supported by this kubelet");
  return new Map();
}

/** A token is for the pod's user alone, where all its containers have one user or it has a group. */
function ownedFile(pod: BoundPod, data: Uint8Array, mode: number): ProjectedFile {
  const users = new Set(
    containersOf(pod.spec).map(
      ({ container }) => container.securityContext?.runAsUser ?? pod.spec.securityContext?.runAsUser,
    ),
  );
  const [uid] = users;
  const isOneUser = users.size === 1 && uid !== undefined;
  if (!isOneUser && pod.spec.securityContext?.fsGroup === undefined) return { data, mode };
  return { data, mode: 0o600, ...(isOneUser && { uid }) };
}
