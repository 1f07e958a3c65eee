// Event of events.k8s.io: what happened to an object, as newer recorders say it. Its rules are stricter than those of core.

import { type FieldError, invalid, required } from "../../field-error.ts";
import type { EventSeries } from "../../generated/types.ts";
import { type DecodedEvent, eventCells, validateEvent } from "../core/event.ts";
import { defineKind } from "../define-kind.ts";
import { validateMetadataOfCreate } from "../metadata/object-meta.ts";
import { immutableError } from "../report.ts";
import { internalForm } from "../values/internal-form.ts";
import { deepEqual } from "../values/semantic-equal.ts";
import { type DecodedNewEvent, eventToCore } from "./event-versions.ts";

export const newEvent = defineKind<DecodedNewEvent>({
  group: "events.k8s.io",
  version: "v1",
  kind: "Event",
  internalGroup: "",
  hasGeneration: false,
  metadataLast: true,
  allowCreateOnUpdate: true,
  garbageCollection: "unsupported",
  validate: (object) => validate(eventToCore(object)),
  validateUpdate: (object, old) => validateUpdate(eventToCore(object), eventToCore(old)),
  selectableFields: {
    "regarding.kind": ({ regarding }) => regarding.kind ?? "",
    "regarding.namespace": ({ regarding }) => regarding.namespace ?? "",
    "regarding.name": ({ regarding }) => regarding.name ?? "",
    "regarding.uid": ({ regarding }) => regarding.uid ?? "",
    "regarding.apiVersion": ({ regarding }) => regarding.apiVersion ?? "",
    "regarding.resourceVersion": ({ regarding }) => regarding.resourceVersion ?? "",
    "regarding.fieldPath": ({ regarding }) => regarding.fieldPath ?? "",
    reason: ({ reason }) => reason ?? "",
    reportingController: ({ reportingController }) => reportingController ?? "",
    type: ({ type }) => type ?? "",
  },
  tableCells: (object, now) => ({ cells: eventCells(eventToCore(object), now) }),
});

/** Fields are called as in core. */
function validate(event: DecodedEvent): FieldError[] {
  const errors = validateEvent(event, "reportingController");
  errors.push(...validateMetadataOfCreate(event.metadata, { namespaced: true }));
  if (event.series) validateSeries(event.series, errors);
  if (!event.eventTime) errors.push(required("eventTime"));
  const { type = "", source } = event;
  if (type !== "Normal" && type !== "Warning") errors.push(invalid("type", "", `has invalid value: ${type}`));
  const isSet = {
    firstTimestamp: event.firstTimestamp,
    lastTimestamp: event.lastTimestamp,
    count: event.count,
    source: source.component || source.host,
  };
  for (const [field, value] of Object.entries(isSet)) {
    if (value) errors.push(invalid(field, "", "needs to be unset"));
  }
  return errors;
}

function validateSeries({ count = 0, lastObservedTime }: EventSeries, errors: FieldError[]): void {
  if (count < 2) errors.push(invalid("series.count", "", "should be at least 2"));
  if (!lastObservedTime) errors.push(required("series.lastObservedTime"));
}

/** What may not change, in upstream's order and with the internal type of what is shown. */
const fixedFields: readonly (readonly [field: keyof DecodedEvent, type: string, shown?: string])[] = [
  ["involvedObject", "ObjectReference"],
  ["reason", "string"],
  ["message", "string"],
  ["source", "EventSource"],
  ["firstTimestamp", "time"],
  ["lastTimestamp", "time"],
  ["count", "number"],
  ["reason", "string"],
  ["type", "string"],
  ["eventTime", "time"],
  ["action", "string"],
  ["related", "*ObjectReference"],
  ["reportingComponent", "string", "reportingController"],
  ["reportingInstance", "string"],
];

function validateUpdate(event: DecodedEvent, old: DecodedEvent): FieldError[] {
  const errors = validateEvent(event, "reportingController");
  if (event.series && !deepEqual(event.series, old.series)) validateSeries(event.series, errors);
  for (const [field, type, shown = field] of fixedFields) {
    if (deepEqual(event[field], old[field])) continue;
    errors.push(invalid(shown, internalForm(type, event[field]) ?? undefined, immutableError));
  }
  return errors;
}
