// Whom pods/proxy, services/proxy and nodes/proxy lead to. Names may say scheme and port: "https:name:port".

import { isIP } from "node:net";
import {
  badRequest,
  type EndpointSubset,
  type Endpoints,
  notFound,
  quote,
  resources,
  serviceUnavailable,
} from "#kubernetes/api";
import type { LiveObjects } from "../../live-objects.ts";
import type { Backend } from "./backend.ts";
import type { KubeletFinder, ReachCheck } from "./kubelet-address.ts";
import { findPod } from "./pod-target.ts";

interface Target {
  readonly scheme: "http" | "https";
  readonly name: string;
  readonly port: string;
}

function parseTarget(id: string, what: string): Target {
  const parts = id.split(":");
  const [scheme, name, port] = parts.length === 3 ? parts : ["", parts[0], parts[1]];
  const isValid = parts.length <= 3 && name && ["", "http", "https"].includes(scheme!);
  if (!isValid) throw badRequest(`invalid ${what} request ${quote(id)}`);
  return { scheme: scheme === "https" ? "https" : "http", name, port: port ?? "" };
}

export interface TargetTools {
  readonly objects: LiveObjects;
  readonly checkReach: ReachCheck;
}

export async function podTarget(tools: TargetTools, namespace: string, id: string): Promise<Backend> {
  const { scheme, name, port } = parseTarget(id, "pod");
  const pod = await findPod(tools.objects, namespace, name);
  await tools.checkReach(pod.spec?.nodeName);
  const declared = pod.spec?.containers.find(({ ports }) => ports?.length)?.ports?.[0]?.containerPort;
  const host = pod.status?.podIPs?.[0]?.ip ?? "";
  if (!isReachable(host)) throw badRequest("address not allowed");
  return { scheme, host, port: Number(port) || declared || defaultPort(scheme), isKubelet: false };
}

function isReachable(ip: string): boolean {
  return isIP(ip) !== 0 && !/^(127\.|169\.254\.|0\.|22[4-9]\.|23\d\.|255\.|::1?$|fe80:|ff)/i.test(ip);
}

function defaultPort(scheme: "http" | "https"): number {
  return scheme === "https" ? 443 : 80;
}

export async function serviceTarget(tools: TargetTools, namespace: string, id: string): Promise<Backend> {
  const { objects } = tools;
  const { scheme, name, port } = parseTarget(id, "service");
  const portName = /^\d+$/.test(port) ? await nameOfPort(objects, namespace, name, Number(port)) : port;
  const endpoints = await objects.get(resources.endpoints, { namespace, name });
  if (!endpoints) throw notFound({ group: "", resource: "endpoints" }, name);
  if (!endpoints.subsets?.length) throw serviceUnavailable(`no endpoints available for service ${quote(name)}`);
  const found = await chooseAddress(tools, namespace, endpoints, portName);
  if (!found) throw serviceUnavailable(`no endpoints available for service ${quote(id)}`);
  return { scheme, ...found, isKubelet: false };
}

async function nameOfPort(objects: LiveObjects, namespace: string, name: string, port: number): Promise<string> {
  const service = await objects.get(resources.services, { namespace, name });
  if (!service) throw notFound({ group: "", resource: "services" }, name);
  const found = service.spec?.ports?.find((each) => each.port === port);
  if (!found) throw serviceUnavailable(`no service port ${port} found for service ${quote(name)}`);
  return found.name ?? "";
}

/** Any address behind the port that is a pod's. */
async function chooseAddress(
  { objects, checkReach }: TargetTools,
  namespace: string,
  { subsets = [] }: Endpoints,
  portName: string,
): Promise<{ host: string; port: number } | undefined> {
  for (const subset of shuffle(subsets)) {
    const port = subset.ports?.find(({ name = "" }) => name === portName)?.port;
    if (port === undefined) continue;
    for (const address of shuffle(subset.addresses ?? [])) {
      if (!(await isOfPod(objects, namespace, address))) continue;
      await checkReach(address.nodeName);
      return { host: address.ip, port };
    }
  }
  return undefined;
}

type Address = NonNullable<EndpointSubset["addresses"]>[number];

async function isOfPod(objects: LiveObjects, namespace: string, { ip, targetRef }: Address): Promise<boolean> {
  if (!targetRef?.name || targetRef.namespace !== namespace) return false;
  const pod = await objects.get(resources.pods, { namespace, name: targetRef.name });
  return pod?.status?.podIPs?.some((each) => each.ip === ip) ?? false;
}

function shuffle<T>(items: readonly T[]): readonly T[] {
  const start = Math.floor(Math.random() * items.length);
  return [...items.slice(start), ...items.slice(0, start)];
}

export async function nodeTarget(kubelets: KubeletFinder, id: string): Promise<Backend> {
  const { scheme, name, port } = parseTarget(id, "node");
  const kubelet = await kubelets(name);
  if (port === "" || Number(port) === kubelet.port) return kubelet;
  return { scheme, host: kubelet.host, port: Number(port), isKubelet: false };
}
