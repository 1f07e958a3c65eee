// Until when a CertificateSigningRequest is kept. Pure but for reading the certificate's end.

import { X509Certificate } from "node:crypto";
import type { CertificateSigningRequest } from "#kubernetes/api";
import { parseTime } from "#kubernetes/runtime";
import { isIssued } from "../certificates/csr-conditions.ts";

const hourMs = 60 * 60_000;
const decidedMs = hourMs;
const pendingMs = 24 * hourMs;

/** Milliseconds since the epoch; undefined where nothing ends it. */
export function keptUntil(request: CertificateSigningRequest): number | undefined {
  const { conditions = [], certificate } = request.status ?? {};
  const issued = isIssued(request);
  const ends: (number | undefined)[] = [];
  if (conditions.length === 0) ends.push(after(request.metadata.creationTimestamp, pendingMs));
  for (const { type, lastUpdateTime } of conditions) {
    if (type === "Denied" || type === "Failed") ends.push(after(lastUpdateTime, decidedMs));
    if (type !== "Approved") continue;
    ends.push(after(lastUpdateTime, issued ? decidedMs : pendingMs));
    if (issued) ends.push(endOf(certificate));
  }
  const known = ends.filter((end) => end !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}

function after(time: string | undefined, ms: number): number | undefined {
  const since = parseTime(time);
  return since === undefined ? undefined : since + ms;
}

function endOf(certificate: string | undefined): number | undefined {
  try {
    return Date.parse(new X509Certificate(Buffer.from(certificate ?? "", "base64")).validTo);
  } catch {
    // What cannot be read does not expire.
    return undefined;
  }
}
