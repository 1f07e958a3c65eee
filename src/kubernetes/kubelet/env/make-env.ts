// A container's environment: from maps and secrets as a whole, from its list (values, fields, resources, keys, files), and from
// the services there are. The list wins over whole maps, both over services.

import { readFile } from "node:fs/promises";
import type {
  ConfigMap,
  Container,
  EnvFromSource,
  EnvVar,
  EnvVarSource,
  FileKeySelector,
  Secret,
  Service,
} from "#kubernetes/api";
import { fieldValue, type PodAddresses } from "../downward/field-value.ts";
import { resourceValue } from "../downward/resource-value.ts";
import type { BoundPod } from "../pod/bound-pod.ts";
import type { ResourceList } from "../pod/resources.ts";
import { readEnvFile } from "./env-file.ts";
import { expand, type Variables } from "./expand.ts";
import { serviceVariables } from "./service-variables.ts";

export interface EnvSources {
  /** Undefined: there is no such object. Throws where it cannot be read. */
  configMap(namespace: string, name: string): Promise<ConfigMap | undefined>;
  secret(namespace: string, name: string): Promise<Secret | undefined>;
  readonly services: readonly Service[];
  readonly addresses: PodAddresses;
  /** What the node has to give. */
  readonly allocatable: ResourceList;
  /** The host's path of a file in one of the pod's volumes. Throws where the volume is not there or the path leaves it. */
  volumeFile(volumeName: string, path: string): Promise<string>;
}

/** All variables of the container. Throws what upstream shows as CreateContainerConfigError. */
export async function makeEnvironment(pod: BoundPod, container: Container, sources: EnvSources): Promise<Variables> {
  const services = serviceVariables(sources.services, pod.metadata.namespace, pod.spec.enableServiceLinks ?? true);
  // Without a prototype: "constructor" is a name like any other.
  const own: Record<string, string> = Object.create(null);
  for (const source of container.envFrom ?? []) {
    for (const [key, value] of await wholeSource(pod, source, sources)) own[`${source.prefix ?? ""}${key}`] = value;
  }
  const lookup = (name: string) => own[name] ?? (Object.hasOwn(services, name) ? services[name] : undefined);
  for (const variable of container.env ?? []) {
    const value = await variableValue(pod, container, variable, sources, lookup);
    if (value !== undefined) own[variable.name] = value;
  }
  return { ...services, ...own };
}

async function wholeSource(pod: BoundPod, source: EnvFromSource, sources: EnvSources): Promise<[string, string][]> {
  const { namespace } = pod.metadata;
  if (source.configMapRef) {
    const { name = "", optional } = source.configMapRef;
    const map = await sources.configMap(namespace, name);
    if (!map && !optional) throw notFoundError("configmap", name);
    return Object.entries(map?.data ?? {});
  }
  if (source.secretRef) {
    const { name = "", optional } = source.secretRef;
    const secret = await sources.secret(namespace, name);
    if (!secret && !optional) throw notFoundError("secret", name);
    return Object.entries(secret?.data ?? {}).map(([key, value]) => [key, decode(value)]);
  }
  return [];
}

/** Undefined: the variable is not set, since what it refers to is optional and missing. */
async function variableValue(
  pod: BoundPod,
  container: Container,
  { value, valueFrom }: EnvVar,
  sources: EnvSources,
  lookup: (name: string) => string | undefined,
): Promise<string | undefined> {
  if (value) return expand(value, lookup);
  if (!valueFrom) return "";
  if (valueFrom.fieldRef) return fieldValue(pod, valueFrom.fieldRef.fieldPath, sources.addresses);
  if (valueFrom.resourceFieldRef) {
    return resourceValue(pod, container, valueFrom.resourceFieldRef, sources.allocatable);
  }
  if (valueFrom.fileKeyRef) return fileValue(valueFrom.fileKeyRef, sources);
  return keyValue(pod, valueFrom, sources);
}

async function keyValue(pod: BoundPod, source: EnvVarSource, sources: EnvSources): Promise<string | undefined> {
  const { namespace } = pod.metadata;
  const { configMapKeyRef, secretKeyRef } = source;
  if (configMapKeyRef) {
    const { name = "", key, optional } = configMapKeyRef;
    const map = await sources.configMap(namespace, name);
    if (!map && !optional) throw notFoundError("configmap", name);
    const value = map?.data?.[key];
    if (value !== undefined || optional) return value;
    throw new Error(`couldn't find key ${key} in ConfigMap ${namespace}/${name}`);
  }
  if (secretKeyRef) {
    const { name = "", key, optional } = secretKeyRef;
    const secret = await sources.secret(namespace, name);
    if (!secret && !optional) throw notFoundError("secret", name);
    const value = secret?.data?.[key];
    if (value !== undefined) return decode(value);
    if (optional) return undefined;
    throw new Error(`couldn't find key ${key} in Secret ${namespace}/${name}`);
  }
  return "";
}

async function fileValue(
  { key, optional, path, volumeName }: FileKeySelector,
  sources: EnvSources,
): Promise<string | undefined> {
  const file = await sources.volumeFile(volumeName, path);
  const value = readEnvFile(await readFileOrThrow(file), key);
  if (value || optional) return value;
  throw new Error(`environment variable key ${JSON.stringify(key)} not found in file ${JSON.stringify(file)}`);
}

async function readFileOrThrow(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new Error("couldn't parse env file", { cause });
  }
}

function notFoundError(kind: string, name: string): Error {
  return new Error(`${kind} ${JSON.stringify(name)} not found`);
}

function decode(base64: string): string {
  return Buffer.from(base64, "base64").toString("utf8");
}
