// Event: something that happened to an object. The core group's form has looser rules than events.k8s.io: those are here.

import { type FieldError, invalid, required } from "../../field-error.ts";
import type { Event } from "../../generated/types.ts";
import { checkDNS1123Subdomain, checkQualifiedName } from "../../names.ts";
import { type Decoded, defineKind } from "../define-kind.ts";
import { checkPathName } from "../metadata/object-meta.ts";
import { reportInvalid } from "../report.ts";
import { formatAge } from "../table/human-duration.ts";

export type DecodedEvent = Decoded<Event, "source">;

const longestText = 128;
const longestMessage = 1024;

export const event = defineKind<DecodedEvent>({
  group: "",
  version: "v1",
  kind: "Event",
  metadataChecks: [],
  hasGeneration: false,
  validateName: checkPathName,
  metadataLast: true,
  standardFinalizers: false,
  validate: (object) => validateEvent(object, "reportingComponent"),
  validateUpdate: (object) => validateEvent(object, "reportingComponent"),
  allowCreateOnUpdate: true,
  garbageCollection: "unsupported",
  selectableFields: {
    "involvedObject.kind": (object) => object.involvedObject.kind ?? "",
    "involvedObject.namespace": (object) => object.involvedObject.namespace ?? "",
    "involvedObject.name": (object) => object.involvedObject.name ?? "",
    "involvedObject.uid": (object) => object.involvedObject.uid ?? "",
    "involvedObject.apiVersion": (object) => object.involvedObject.apiVersion ?? "",
    "involvedObject.resourceVersion": (object) => object.involvedObject.resourceVersion ?? "",
    "involvedObject.fieldPath": (object) => object.involvedObject.fieldPath ?? "",
    reason: (object) => object.reason ?? "",
    reportingComponent: (object) => object.reportingComponent ?? "",
    source: (object) => object.source.component || (object.reportingComponent ?? ""),
    type: (object) => object.type ?? "",
  },
  tableCells: (object, now) => ({ cells: eventCells(object, now) }),
});

/** The rules both forms share; they differ in what they call the reporting controller. */
export function validateEvent(
  object: DecodedEvent,
  controllerField: "reportingComponent" | "reportingController",
): FieldError[] {
  const errors: FieldError[] = [];
  const { namespace = "" } = object.metadata;
  if (object.eventTime) {
    validateNewStyle(object, controllerField, errors);
  } else {
    const involved = object.involvedObject.namespace ?? "";
    const fits = involved === "" ? namespace === "" || namespace === "default" : namespace === involved;
    if (!fits) reportNamespace(involved, errors);
  }
  reportInvalid(errors, "namespace", namespace, checkDNS1123Subdomain(namespace));
  return errors;
}

/** Events with eventTime come from the newer recorders, which must say more. */
function validateNewStyle(object: DecodedEvent, controllerField: string, errors: FieldError[]): void {
  const { namespace } = object.metadata;
  const involved = object.involvedObject.namespace ?? "";
  if (involved === "" && namespace !== "default" && namespace !== "kube-system") reportNamespace(involved, errors);
  const controller = object.reportingComponent ?? "";
  if (controller === "") errors.push(required(controllerField));
  reportInvalid(errors, controllerField, controller, checkQualifiedName(controller));
  validateText("reportingInstance", object.reportingInstance, errors);
  validateText("action", object.action, errors);
  validateText("reason", object.reason, errors);
  reportLong("message", object.message, longestMessage, errors);
}

function validateText(field: string, text: string | undefined, errors: FieldError[]): void {
  if (!text) errors.push(required(field));
  reportLong(field, text, longestText, errors);
}

function reportLong(field: string, text: string | undefined, most: number, errors: FieldError[]): void {
  if (text && Buffer.byteLength(text) > most) errors.push(invalid(field, "", `can have at most ${most} characters`));
}

function reportNamespace(namespace: string, errors: FieldError[]): void {
  errors.push(invalid("involvedObject.namespace", namespace, "does not match event.namespace"));
}

/** The cells of an Event of either group, given in the core group's form. */
export function eventCells(object: DecodedEvent, now: number): unknown[] {
  const { involvedObject, series, source } = object;
  const first = formatAge(object.firstTimestamp || object.eventTime, now);
  const last = object.lastTimestamp ? formatAge(object.lastTimestamp, now) : first;
  const kind = (involvedObject.kind ?? "").toLowerCase();
  return [
    series ? formatAge(series.lastObservedTime, now) : last,
    object.type ?? "",
    object.reason ?? "",
    involvedObject.name ? `${kind}/${involvedObject.name}` : kind,
    involvedObject.fieldPath ?? "",
    formatSource(source.component || object.reportingComponent, source.host || object.reportingInstance),
    (object.message ?? "").trim(),
    first,
    series ? (series.count ?? 0) : object.count || 1,
    object.metadata.name,
  ];
}

function formatSource(component = "", instance = ""): string {
  return instance === "" ? component : `${component}, ${instance}`;
}
