// Whether the server behind an APIService can answer: its service is there, has endpoints, and one of them tells what it serves.
// Reasons and messages are those of upstream's available condition controller.

import { type EndpointSlice, resources, type Service } from "#kubernetes/api";
import type { LiveObjects } from "../live-objects.ts";
import { describeConnectionError } from "../webhooks/connection-errors.ts";
import type { RemoteService } from "./api-services.ts";
import { ask, formatHost, type ServerConnections } from "./server-connections.ts";
import { userHeaders } from "./user-headers.ts";

export interface Finding {
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
}

export interface AvailabilityTools {
  readonly objects: LiveObjects;
  readonly connections: ServerConnections;
  readonly signal: AbortSignal;
}

/** In whose name this server looks at others. */
export const aggregatorUser = { name: "system:kube-aggregator", groups: ["system:masters"] } as const;

const furtherAttempts = 4;
const answerWithinMs = 5000;

export async function checkAvailability(tools: AvailabilityTools, service: RemoteService): Promise<Finding> {
  return (await checkService(tools.objects, service)) ?? (await checkDiscovery(tools, service));
}

async function checkService(objects: LiveObjects, { spec }: RemoteService): Promise<Finding | undefined> {
  const { namespace = "", name = "", port = 443 } = spec.service;
  const shown = `service/${name} in "${namespace}"`;
  const service = await objects.get(resources.services, { namespace, name });
  if (!service) return failure("ServiceNotFound", `${shown} is not present`);
  if (service.spec?.type !== "ClusterIP") return undefined;
  const declared = service.spec.ports?.find((each) => each.port === port);
  if (!declared) return failure("ServicePortError", `${shown} is not listening on port ${port}`);
  const slices = await slicesOf(objects, service);
  if (slices.length === 0) return failure("EndpointsNotFound", `cannot find endpointslices for ${shown}`);
  const { name: portName = "" } = declared;
  if (slices.some((slice) => isReady(slice, portName))) return undefined;
  return failure("MissingEndpoints", `endpointslices for ${shown} have no addresses with port name "${portName}"`);
}

async function slicesOf(objects: LiveObjects, { metadata }: Service): Promise<readonly EndpointSlice[]> {
  const slices = await objects.list(resources.endpointSlices, metadata.namespace);
  return slices.filter(({ metadata: own }) => own.labels?.["kubernetes.io/service-name"] === metadata.name);
}

function isReady({ endpoints, ports }: EndpointSlice, portName: string): boolean {
  const hasPort = ports?.some(({ name = "", port }) => name === portName && port !== undefined);
  return (hasPort && endpoints?.some(({ conditions }) => conditions?.ready !== false)) ?? false;
}

/** One endpoint that answers is enough; after a failure several are tried at once. */
async function checkDiscovery(tools: AvailabilityTools, service: RemoteService): Promise<Finding> {
  const attempt = () => askForDiscovery(tools, service);
  try {
    await attempt().catch((error: unknown) => {
      if (tools.signal.aborted) throw error;
      return Promise.any(Array.from({ length: furtherAttempts }, attempt));
    });
    return { status: "True", reason: "Passed", message: "all checks passed" };
  } catch (error) {
    const last = error instanceof AggregateError ? (error.errors.at(-1) as Error) : (error as Error);
    return failure("FailedDiscoveryCheck", last.message);
  }
}

async function askForDiscovery({ connections, signal }: AvailabilityTools, service: RemoteService): Promise<void> {
  const { group = "", version = "" } = service.spec;
  const path = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  const backend = await connections.locate(service);
  const url = `https://${formatHost(backend)}${path}`;
  const deadline = AbortSignal.timeout(answerWithinMs);
  const failing = (why: string) => new Error(`failing or missing response from ${url}: ${why}`);
  const answer = await ask(connections.to(service), backend, {
    method: "GET",
    path,
    headers: { host: formatHost(backend), ...userHeaders(aggregatorUser) },
    signal: AbortSignal.any([signal, deadline]),
  }).catch((error: Error) => {
    throw failing(`Get "${url}": ${describeConnectionError(error, deadline)}`);
  });
  answer.resume();
  const status = answer.statusCode ?? 0;
  if (status < 200 || status >= 300) throw failing(`bad status from ${url}: ${status}`);
}

function failure(reason: string, message: string): Finding {
  return { status: "False", reason, message };
}
