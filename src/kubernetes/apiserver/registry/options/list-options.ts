// Options of list and watch, read from the query and checked as upstream does.

import { type FieldError, forbiddenField, invalidObject, notSupported } from "#kubernetes/api";
import { isTrue } from "../../request-info.ts";
import { readQueryInteger } from "./query-integer.ts";

export interface ListOptions {
  readonly watch: boolean;
  readonly labelSelector: string;
  readonly fieldSelector: string;
  /** "" where the query names none. */
  readonly resourceVersion: string;
  readonly resourceVersionMatch: string;
  /** 0: no limit. */
  readonly limit: number;
  readonly continue: string;
  readonly timeoutSeconds: number | undefined;
  readonly allowWatchBookmarks: boolean;
  /** A watch starts with what there is, as ADDED events. Also true of one without a version to start from, as of old. */
  readonly sendInitialEvents: boolean;
  /** The client asked for initial events by name, so that it wants to hear where they end. */
  readonly asksForInitialEvents: boolean;
}

/** Throws Invalid or BadRequest. */
export function readListOptions(query: URLSearchParams, isWatch: boolean): ListOptions {
  if (query.size === 0) return isWatch ? plainWatch : plainList;
  const asked = query.has("sendInitialEvents");
  const resourceVersion = query.get("resourceVersion") ?? "";
  const match = query.get("resourceVersionMatch") ?? "";
  const fromStart = isWatch && !asked && match === "" && (resourceVersion === "" || resourceVersion === "0");
  const options: ListOptions = {
    watch: isWatch,
    labelSelector: query.get("labelSelector") ?? "",
    fieldSelector: query.get("fieldSelector") ?? "",
    resourceVersion,
    resourceVersionMatch: match,
    limit: readQueryInteger(query, "limit") ?? 0,
    continue: query.get("continue") ?? "",
    timeoutSeconds: readQueryInteger(query, "timeoutSeconds"),
    allowWatchBookmarks: isTrue(query.get("allowWatchBookmarks")),
    sendInitialEvents: fromStart || isTrue(query.get("sendInitialEvents")),
    asksForInitialEvents: isTrue(query.get("sendInitialEvents")),
  };
  const errors = isWatch ? checkWatch(options, asked) : checkList(options, asked);
  if (errors.length > 0) throw invalidObject({ group: "meta.k8s.io", kind: "ListOptions" }, "", errors);
  return options;
}

const plainList: ListOptions = {
  watch: false,
  labelSelector: "",
  fieldSelector: "",
  resourceVersion: "",
  resourceVersionMatch: "",
  limit: 0,
  continue: "",
  timeoutSeconds: undefined,
  allowWatchBookmarks: false,
  sendInitialEvents: false,
  asksForInitialEvents: false,
};
const plainWatch: ListOptions = { ...plainList, watch: true, sendInitialEvents: true };

const exact = "Exact";
const notOlderThan = "NotOlderThan";

function checkList(options: ListOptions, asksForInitialEvents: boolean): FieldError[] {
  const { resourceVersionMatch: match, resourceVersion, continue: token } = options;
  const field = "resourceVersionMatch";
  const errors: FieldError[] = [];
  if (match !== "") {
    if (resourceVersion === "") {
      errors.push(forbiddenField(field, "resourceVersionMatch is forbidden unless resourceVersion is provided"));
    }
    if (token !== "") {
      errors.push(forbiddenField(field, "resourceVersionMatch is forbidden when continue is provided"));
    }
    if (match !== exact && match !== notOlderThan) errors.push(notSupported(field, match, [exact, notOlderThan, ""]));
    if (match === exact && resourceVersion === "0") {
      errors.push(forbiddenField(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
    }
  }
  if (asksForInitialEvents) {
    errors.push(forbiddenField("sendInitialEvents", "sendInitialEvents is forbidden for list"));
  }
  return errors;
}

function checkWatch(options: ListOptions, saysInitialEvents: boolean): FieldError[] {
  const { resourceVersionMatch: match, continue: token } = options;
  const field = "resourceVersionMatch";
  const errors: FieldError[] = [];
  if (saysInitialEvents && match !== notOlderThan) {
    errors.push(forbiddenField(field, `sendInitialEvents requires setting resourceVersionMatch to ${notOlderThan}`));
  }
  if (token !== "") errors.push(forbiddenField(field, "resourceVersionMatch is forbidden when continue is provided"));
  if (match === "") return errors;
  if (!saysInitialEvents) {
    const detail = "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided";
    errors.push(forbiddenField(field, detail));
  }
  if (match !== notOlderThan) errors.push(notSupported(field, match, [notOlderThan]));
  return errors;
}
