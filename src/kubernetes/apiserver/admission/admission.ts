// Admission: plug-ins that see every change before it is made. Mutating ones may change the object, then validating ones may only
// refuse. The registry calls `admit` before it prepares and validates an object and `validate` after.

import { forbidden, type KubeObject, type StatusError, type UserInfo } from "#kubernetes/api";
import { Refusal } from "./refusal.ts";

export type Operation = "CREATE" | "UPDATE" | "DELETE" | "CONNECT";

/** One change on its way. */
export interface AdmissionRequest {
  readonly operation: Operation;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly kind: string;
  /** "" for the resource itself. */
  readonly subresource: string;
  /** "" at the cluster's scope; for a Namespace its own name. */
  readonly namespace: string;
  /** "" while a name is still to be generated. */
  readonly name: string;
  /** The new object, which mutating plug-ins may change in place; absent for DELETE. */
  readonly object?: KubeObject;
  /** What there is now: shared, never changed. Absent for CREATE. */
  readonly oldObject?: KubeObject;
  readonly user: UserInfo;
  readonly dryRun: boolean;
  /** Options as sent: CreateOptions, DeleteOptions, … */
  readonly options?: object;
  /** Tells the client something without refusing. */
  readonly warn: (text: string) => void;
}

export interface AdmissionPlugin {
  readonly name: string;
  /** Whether the plug-in has to see such requests at all; asked once per kind of request and remembered. */
  handles(target: AdmissionTarget): boolean;
  /** May change request.object. Refuses by throwing: a StatusError as it is, another Error as Forbidden with its message. */
  admit?(request: AdmissionRequest): void | Promise<void>;
  /** May only refuse. */
  validate?(request: AdmissionRequest): void | Promise<void>;
}

/** What a plug-in decides by whether it is concerned. */
export type AdmissionTarget = Pick<AdmissionRequest, "operation" | "group" | "resource" | "subresource">;

export interface Admission {
  admit(request: AdmissionRequest): Promise<void> | undefined;
  validate(request: AdmissionRequest): Promise<void> | undefined;
}

type Phase = "admit" | "validate";

/** Runs the plug-ins in their order. Answers undefined instead of a promise where none is concerned. */
export function createAdmission(plugins: readonly AdmissionPlugin[]): Admission {
  const concerned = new Map<string, readonly AdmissionPlugin[]>();
  const pluginsFor = (phase: Phase, request: AdmissionRequest): readonly AdmissionPlugin[] => {
    const key = `${phase} ${request.operation} ${request.group}/${request.resource}/${request.subresource}`;
    let found = concerned.get(key);
    if (!found) {
      found = plugins.filter((plugin) => plugin[phase] && plugin.handles(request));
      concerned.set(key, found);
    }
    return found;
  };
  const run = (phase: Phase, request: AdmissionRequest): Promise<void> | undefined => {
    const found = pluginsFor(phase, request);
    return found.length === 0 ? undefined : runAll(found, phase, request);
  };
  return { admit: (request) => run("admit", request), validate: (request) => run("validate", request) };
}

async function runAll(plugins: readonly AdmissionPlugin[], phase: Phase, request: AdmissionRequest): Promise<void> {
  for (const plugin of plugins) {
    try {
      await plugin[phase]!(request);
    } catch (error) {
      throw error instanceof Refusal ? forbiddenRequest(request, error.message) : error;
    }
  }
}

/** Admits everything: for servers without admission. */
export const admitAll: Admission = { admit: () => undefined, validate: () => undefined };

/** The Forbidden error for a request, in the name of its object. */
export function forbiddenRequest(request: AdmissionRequest, why: string): StatusError {
  const metadata = request.object?.metadata;
  const name = request.name || metadata?.name || metadata?.generateName || "Unknown";
  return forbidden({ group: request.group, resource: request.resource }, name, why);
}

/** Whether the request is about the resource itself (no subresource). */
export function isResource(target: AdmissionTarget, group: string, resource: string): boolean {
  return target.group === group && target.resource === resource && target.subresource === "";
}
