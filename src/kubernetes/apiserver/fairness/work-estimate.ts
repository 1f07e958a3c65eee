// How much work a request is, in seats: lists by how much they hold, writes by how many watchers hear of them. Upstream's rules, with
// every list served from memory. Pure.

import type { Call } from "../call.ts";

export interface WorkEstimate {
  /** Held while the request is carried out. */
  readonly initialSeats: number;
  /** Held for a while after it: what it set off is not over with the answer. */
  readonly finalSeats: number;
  readonly finalMs: number;
}

/** What estimates go by. */
export interface WorkFacts {
  /** The most seats one request of the level may take. */
  readonly mostSeats: number;
  /** How many objects of the resource there are, and how large they are; undefined of what is another server's. */
  readonly stored: () => { readonly count: number; readonly averageBytes: number } | undefined;
  /** How many watches hear of changes of the object that the request is about. */
  readonly watchers: () => number;
}

const bytesPerSeat = 100_000;
/** What is written piece by piece never lies in memory as a whole. */
const mostListBytes = 1_000_000;
const mostListSeats = 100;
const mostFinalSeats = 10;
const watchesPerSeat = 10;
const msPerEvent = 5;

const oneSeat: WorkEstimate = { initialSeats: 1, finalSeats: 0, finalMs: 0 };

export function estimateWork(call: Call, facts: WorkFacts): WorkEstimate {
  switch (call.info.verb) {
    case "list":
      return estimateList(call, facts);
    case "watch":
      return beginsWithAll(call) ? estimateList(call, facts) : oneSeat;
    case "create":
    case "update":
    case "patch":
    case "delete":
      return estimateChange(call, facts);
    default:
      return oneSeat;
  }
}

/** Whether a watch first tells of everything there is. */
function beginsWithAll({ request: { query } }: Call): boolean {
  const version = query.get("resourceVersion") ?? "";
  return query.get("sendInitialEvents") === "true" || version === "" || version === "0";
}

function estimateList({ info, request }: Call, { mostSeats, stored }: WorkFacts): WorkEstimate {
  if (info.name !== "") return oneSeat;
  const found = stored();
  if (!found) return oneSeat;
  const limit = Number(request.query.get("limit") ?? 0);
  const count = limit > 0 ? Math.min(limit, found.count) : found.count;
  const bytes = Math.min(count * found.averageBytes, mostListBytes);
  const seats = Math.ceil(bytes / bytesPerSeat);
  return { ...oneSeat, initialSeats: Math.max(1, Math.min(seats, mostSeats, mostListSeats)) };
}

/** A few watchers cost nothing; many cost as if each took its share of a seat for a moment. */
function estimateChange({ info }: Call, { mostSeats, watchers }: WorkFacts): WorkEstimate {
  if (info.resource === "serviceaccounts" && info.subresource === "token") return oneSeat;
  const watching = watchers();
  if (watching < watchesPerSeat) return oneSeat;
  const wanted = Math.ceil(watching / watchesPerSeat);
  const finalSeats = Math.min(wanted, mostSeats, mostFinalSeats);
  return { initialSeats: 1, finalSeats, finalMs: (wanted * msPerEvent) / finalSeats };
}
