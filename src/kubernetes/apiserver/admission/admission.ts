// Admission: plug-ins that see every change before it is made. Mutating ones may change the object, then validating ones may only
// refuse. The registry calls `admit` before it prepares and validates an object and `validate` after.

import {
  checkManagedFields,
  forbidden,
  type GroupVersionKind,
  type KubeObject,
  type ObjectMeta,
  type StatusError,
  type UserInfo,
} from "#kubernetes/api";
import { AdmissionMetrics, type AdmissionStep } from "../metrics/admission-metrics.ts";
import type { ServedResource } from "../registry/resources/served-resource.ts";
import { Refusal } from "./refusal.ts";

export type Operation = "CREATE" | "UPDATE" | "DELETE" | "CONNECT";

/** One change on its way. */
export interface AdmissionRequest {
  readonly operation: Operation;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly kind: string;
  /** The kind of `object`: the resource's own, or its subresource's, as autoscaling/v1 Scale. */
  readonly objectKind: GroupVersionKind;
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
  /** CreateOptions, UpdateOptions, DeleteOptions as sent; absent of CONNECT. */
  readonly options?: object;
  /** Tells the client something without refusing. */
  readonly warn: (text: string) => void;
  /** Adds to the request's audit events. */
  readonly annotate: (key: string, value: string) => void;
  /** As annotate, for what tells of an object's contents. */
  readonly annotateContents: (key: string, value: string) => void;
  /** The resource in the version of the request. */
  readonly served: ServedResource;
  /** An object of the request's kind out of JSON values, with defaults set. Throws where they are none. */
  readonly decode: (value: unknown) => KubeObject;
}

/** The state of a mutating admission: whoever changes what others have looked at may have them look again, once. */
export interface MutationRound {
  readonly isReinvocation: boolean;
  requestReinvocation(): void;
  /** What a plug-in remembers from the first round, by its name. */
  readonly memory: Map<string, unknown>;
}

export interface AdmissionPlugin {
  readonly name: string;
  /** Whether the plug-in has to see such requests at all; asked once per kind of request and remembered. */
  handles(target: AdmissionTarget): boolean;
  /** Whether there is nothing for it to do at the moment, whatever the request; absent: there always may be. */
  isIdle?(): boolean;
  /** May change request.object. Refuses by throwing: a StatusError as it is, another Error as Forbidden with its message. */
  admit?(request: AdmissionRequest, round: MutationRound): void | Promise<void>;
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
export function createAdmission(plugins: readonly AdmissionPlugin[], metrics = new AdmissionMetrics()): Admission {
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
  return {
    admit(request) {
      const found = pluginsFor("admit", request);
      if (found.length === 0) return undefined;
      return timed(
        (rejected, seconds) => metrics.noteStep("admit", request.operation, rejected, seconds),
        () => admitAllRounds(found, request, metrics),
      );
    },
    validate(request) {
      const found = pluginsFor("validate", request);
      if (found.length === 0) return undefined;
      return timed(
        (rejected, seconds) => metrics.noteStep("validate", request.operation, rejected, seconds),
        () =>
          runFrom(0, found, request, (plugin) =>
            timePlugin(plugin, { step: "validate", request, metrics }, () => plugin.validate!(request)),
          ),
      );
    },
  };
}

/** All mutating plug-ins, and all once more where one of them asked for it. */
function admitAllRounds(
  plugins: readonly AdmissionPlugin[],
  request: AdmissionRequest,
  metrics: AdmissionMetrics,
): Promise<void> | undefined {
  const managedFields = request.object?.metadata?.managedFields;
  const memory = new Map<string, unknown>();
  let isAskedFor = false;
  const requestReinvocation = () => {
    isAskedFor = true;
  };
  const runRound = (isReinvocation: boolean) => {
    const round: MutationRound = { isReinvocation, requestReinvocation, memory };
    return runFrom(0, plugins, request, (plugin) =>
      timePlugin(plugin, { step: "admit", request, metrics }, () => plugin.admit!(request, round)),
    );
  };
  const settle = () => keepManagedFields(request, managedFields);
  const runAgain = () => (isAskedFor ? runRound(true) : undefined);
  const rounds = runRound(false)?.then(runAgain) ?? runAgain();
  if (rounds) return rounds.then(settle);
  settle();
  return undefined;
}

/** Runs the plug-ins from a position on. A promise only where one of them has to wait. */
function runFrom(
  start: number,
  plugins: readonly AdmissionPlugin[],
  request: AdmissionRequest,
  run: (plugin: AdmissionPlugin) => void | Promise<void>,
): Promise<void> | undefined {
  for (let index = start; index < plugins.length; index++) {
    const plugin = plugins[index]!;
    if (plugin.isIdle?.()) continue;
    try {
      const running = run(plugin);
      if (!running) continue;
      const goOn = () => runFrom(index + 1, plugins, request, run);
      return running.then(goOn, (error: unknown) => {
        throw asRefused(error, request);
      });
    } catch (error) {
      throw asRefused(error, request);
    }
  }
  return undefined;
}

interface PluginRun {
  readonly step: AdmissionStep;
  readonly request: AdmissionRequest;
  readonly metrics: AdmissionMetrics;
}

function timePlugin(
  { name }: AdmissionPlugin,
  { step, request, metrics }: PluginRun,
  run: () => void | Promise<void>,
): void | Promise<void> {
  return timed((rejected, seconds) => metrics.notePlugin(name, step, request.operation, rejected, seconds), run);
}

/** Runs it, and notes whether it threw and how long it took. */
function timed<R extends undefined | void | Promise<void>>(
  note: (rejected: boolean, seconds: number) => void,
  run: () => R,
): R {
  const start = performance.now();
  const end = (rejected: boolean) => note(rejected, (performance.now() - start) / 1000);
  let outcome: R;
  try {
    outcome = run();
  } catch (error) {
    end(true);
    throw error;
  }
  if (!(outcome instanceof Promise)) {
    end(false);
    return outcome;
  }
  return outcome.then(
    () => end(false),
    (error: unknown) => {
      end(true);
      throw error;
    },
  ) as R;
}

function asRefused(error: unknown, request: AdmissionRequest): unknown {
  return error instanceof Refusal ? forbiddenRequest(request, error.message) : error;
}

/** What admission has made of managedFields must be readable; else they stay as they were, and the client is told. */
function keepManagedFields({ object, warn }: AdmissionRequest, before: ObjectMeta["managedFields"]): void {
  const metadata = object?.metadata;
  if (!metadata || metadata.managedFields === before) return;
  const problem = checkManagedFields(metadata.managedFields);
  if (problem === undefined) return;
  if (before) metadata.managedFields = before;
  else delete metadata.managedFields;
  const why = "this could be caused by an outdated mutating admission controller; please fix your requests";
  warn(`.metadata.managedFields was in an invalid state after admission; ${why}: ${problem}`);
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
