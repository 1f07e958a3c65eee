// Audit events as upstream writes them (audit.k8s.io/v1 Event): one for each stage of a request.

import { parseYamlBody, type UserInfo } from "#kubernetes/api";
import { describeUser } from "../authentication/users.ts";
import type { Answer, Call } from "../call.ts";
import type { AuditLevel, AuditSettings, AuditStage } from "./audit-policy.ts";

/** One event, in the order its fields are written in. */
export type AuditEvent = Readonly<Record<string, unknown>> & { readonly stage: AuditStage; readonly auditID: string };

/** A request that is being audited. */
export interface AuditedCall {
  readonly call: Call;
  readonly auditID: string;
  readonly settings: AuditSettings;
  /** Who asked, before impersonation. */
  readonly user: UserInfo;
  readonly requestURI: string;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  readonly annotations: Record<string, string>;
}

/** What became of it, as far as is known at a stage. */
export interface AuditOutcome {
  readonly code: number;
  /** The Status of a refusal. */
  readonly status?: object;
  readonly answer?: Answer;
}

/** The event of a stage. */
export function makeAuditEvent(
  audited: AuditedCall,
  stage: AuditStage,
  { now, outcome }: { now: number; outcome?: AuditOutcome },
): AuditEvent {
  const { call, settings, auditID, user, requestURI, receivedAt, annotations } = audited;
  const isWatched = outcome?.answer?.kind === "watch";
  return {
    kind: "Event",
    apiVersion: "audit.k8s.io/v1",
    level: settings.level,
    auditID,
    stage,
    requestURI,
    verb: call.info.verb,
    user: describeUser(user),
    ...(call.user !== user && { impersonatedUser: describeUser(call.user) }),
    ...describeSource(call),
    ...(call.info.isResourceRequest && { objectRef: describeObject(call) }),
    ...(outcome && { responseStatus: describeStatus(outcome) }),
    ...(covers(settings.level, "Request") && stage !== "RequestReceived" && describeBody(audited)),
    ...(covers(settings.level, "RequestResponse") && stage === "ResponseComplete" && !isWatched
      ? describeAnswer(outcome, settings)
      : {}),
    requestReceivedTimestamp: formatMicroTime(receivedAt),
    stageTimestamp: formatMicroTime(now),
    ...(Object.keys(annotations).length > 0 && { annotations: { ...annotations } }),
  };
}

const order: readonly AuditLevel[] = ["None", "Metadata", "Request", "RequestResponse"];

function covers(level: AuditLevel, wanted: AuditLevel): boolean {
  return order.indexOf(level) >= order.indexOf(wanted);
}

function describeSource({ request, connection }: Call): object {
  const forwarded = (request.headers["x-forwarded-for"] ?? "").split(",").map((part) => part.trim());
  const addresses = [...forwarded, connection?.remoteAddress ?? ""].filter((address) => address !== "");
  const userAgent = request.headers["user-agent"];
  return {
    ...(addresses.length > 0 && { sourceIPs: [...new Set(addresses)] }),
    ...(userAgent !== undefined && { userAgent }),
  };
}

function describeObject({ info }: Call): object {
  const { resource, namespace, name, apiGroup, apiVersion, subresource } = info;
  return {
    resource,
    ...(namespace && { namespace }),
    ...(name && { name }),
    ...(apiGroup && { apiGroup }),
    apiVersion,
    ...(subresource && { subresource }),
  };
}

function describeStatus({ code, status }: AuditOutcome): object {
  return { metadata: {}, ...status, code };
}

function describeBody({ call, settings }: AuditedCall): object {
  const { body } = call.request;
  if (!body) return {};
  const requestObject = body.kind === "object" ? body.object : parseBody(body.bytes);
  return requestObject === undefined ? {} : { requestObject: withoutManagedFields(requestObject, settings) };
}

/** JSON and YAML; bodies in other encodings are left out. */
function parseBody(bytes: Uint8Array): unknown {
  try {
    return parseYamlBody(bytes).value ?? undefined;
  } catch {
    return undefined;
  }
}

function describeAnswer(outcome: AuditOutcome | undefined, settings: AuditSettings): object {
  const object = outcome?.status ?? objectOf(outcome?.answer);
  return object === undefined ? {} : { responseObject: withoutManagedFields(object, settings) };
}

function objectOf(answer: Answer | undefined): unknown {
  if (answer?.kind === "object") return answer.document.object;
  if (answer?.kind !== "list") return undefined;
  const { resource, metadata, items } = answer;
  return {
    kind: resource.listKind,
    apiVersion: resource.apiVersion,
    metadata,
    items: items.map(({ object }) => object),
  };
}

function withoutManagedFields(object: unknown, { omitManagedFields }: AuditSettings): unknown {
  if (!omitManagedFields || typeof object !== "object" || object === null) return object;
  const { metadata, items } = object as { metadata?: Record<string, unknown>; items?: unknown[] };
  const settings = { omitManagedFields } as AuditSettings;
  const { managedFields: _, ...rest } = metadata ?? {};
  return {
    ...object,
    ...(metadata && { metadata: rest }),
    ...(Array.isArray(items) && { items: items.map((item) => withoutManagedFields(item, settings)) }),
  };
}

/** RFC 3339 with microseconds. */
function formatMicroTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.(\d{3})Z$/, ".$1000Z");
}
