// Probes of containers and hooks of their lifecycle: exactly one kind of handler, and sensible numbers.

import { child, type FieldError, forbiddenField, invalid, notSupported, required } from "../../../field-error.ts";
import type {
  ExecAction,
  HTTPGetAction,
  IntOrString,
  Lifecycle,
  LifecycleHandler,
  Probe,
  SleepAction,
} from "../../../generated/types.ts";
import { checkHTTPHeaderName, checkPortName, checkPortNumber } from "../../../names.ts";
import { reportInvalid, reportNegative } from "../../report.ts";

const schemes = ["HTTP", "HTTPS"];

/** Seconds a pod has to end; absent where that is itself an error. */
export type GracePeriod = number | undefined;

export interface ProbeRules {
  /** Of probes that end something, success once is enough. */
  readonly succeedsOnce: boolean;
  /** A probe that ends its container may give it a time of its own. */
  readonly mayEnd: boolean;
}

export function validateProbe(
  probe: Probe,
  path: string,
  errors: FieldError[],
  { succeedsOnce, mayEnd }: ProbeRules,
): void {
  // A probe cannot sleep, so how long the pod may take to end does not matter.
  validateHandler({ ...probe, sleep: undefined }, path, errors, undefined);
  reportNegative(errors, child(path, "initialDelaySeconds"), probe.initialDelaySeconds);
  reportNegative(errors, child(path, "timeoutSeconds"), probe.timeoutSeconds);
  reportNegative(errors, child(path, "periodSeconds"), probe.periodSeconds);
  reportNegative(errors, child(path, "successThreshold"), probe.successThreshold);
  reportNegative(errors, child(path, "failureThreshold"), probe.failureThreshold);
  const { terminationGracePeriodSeconds: seconds, successThreshold } = probe;
  const field = child(path, "terminationGracePeriodSeconds");
  if (seconds !== undefined && seconds <= 0) errors.push(invalid(field, seconds, "must be greater than 0"));
  if (seconds !== undefined && !mayEnd) errors.push(invalid(field, seconds, "must not be set for readinessProbes"));
  if (succeedsOnce && successThreshold !== 1) {
    errors.push(invalid(child(path, "successThreshold"), successThreshold ?? 0, "must be 1"));
  }
}

/** The signal that ends a container is behind a gate that is off in 1.36: it was dropped. */
export function validateLifecycle(
  { postStart, preStop }: Lifecycle,
  path: string,
  errors: FieldError[],
  gracePeriod: GracePeriod,
): void {
  if (postStart) validateHandler(postStart, child(path, "postStart"), errors, gracePeriod);
  if (preStop) validateHandler(preStop, child(path, "preStop"), errors, gracePeriod);
}

type Handler = Pick<Probe, "exec" | "httpGet" | "tcpSocket" | "grpc"> & {
  sleep?: LifecycleHandler["sleep"] | undefined;
};

/** In upstream's order, of which the first that is set is the handler. */
const handlerFields = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"] as const;

function validateHandler(handler: Handler, path: string, errors: FieldError[], gracePeriod: GracePeriod): void {
  const set = handlerFields.filter((field) => handler[field]);
  const [first, ...others] = set;
  if (first === undefined) errors.push(required(path, "must specify a handler type"));
  else validateAction(handler, first, child(path, first), errors, gracePeriod);
  for (const field of others) {
    errors.push(forbiddenField(child(path, field), "may not specify more than 1 handler type"));
  }
}

function validateAction(
  handler: Handler,
  field: (typeof handlerFields)[number],
  path: string,
  errors: FieldError[],
  gracePeriod: GracePeriod,
): void {
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler;
  if (field === "exec" && exec) validateExec(exec, path, errors);
  else if (field === "httpGet" && httpGet) validateHTTPGet(httpGet, path, errors);
  else if (field === "tcpSocket" && tcpSocket) validatePort(tcpSocket.port, child(path, "port"), errors);
  else if (field === "grpc" && grpc) validatePort(grpc.port, child(path, "port"), errors);
  else if (sleep) validateSleep(sleep, path, errors, gracePeriod);
}

function validateExec({ command }: ExecAction, path: string, errors: FieldError[]): void {
  if (!command?.length) errors.push(required(child(path, "command")));
}

function validateHTTPGet(action: HTTPGetAction, path: string, errors: FieldError[]): void {
  if (!action.path) errors.push(required(child(path, "path")));
  validatePort(action.port, child(path, "port"), errors);
  const { scheme = "" } = action;
  if (!schemes.includes(scheme)) errors.push(notSupported(child(path, "scheme"), scheme, schemes));
  for (const { name } of action.httpHeaders ?? []) {
    reportInvalid(errors, child(path, "httpHeaders"), name, checkHTTPHeaderName(name));
  }
}

/** A port by its number or by its name. */
export function validatePort(port: IntOrString, path: string, errors: FieldError[]): void {
  reportInvalid(errors, path, port, typeof port === "number" ? checkPortNumber(port) : checkPortName(port));
}

function validateSleep({ seconds }: SleepAction, path: string, errors: FieldError[], gracePeriod: GracePeriod): void {
  if (gracePeriod === undefined || (seconds >= 0 && seconds <= gracePeriod)) return;
  const why = `must be non-negative and less than terminationGracePeriodSeconds (${gracePeriod})`;
  errors.push(invalid(path, seconds, why));
}
