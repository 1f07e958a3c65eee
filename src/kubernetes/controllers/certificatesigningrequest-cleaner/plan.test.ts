import assert from "node:assert/strict";
import { test } from "node:test";
import type { CertificateSigningRequest, CertificateSigningRequestStatus } from "#kubernetes/api";
import { keptUntil } from "./plan.ts";

const hour = 3600_000;
const created = Date.parse("2026-01-01T00:00:00Z");

function csr(status: CertificateSigningRequestStatus): CertificateSigningRequest {
  const metadata = { name: "r", creationTimestamp: "2026-01-01T00:00:00Z" };
  return { metadata, spec: { request: "", signerName: "s" }, status };
}

const condition = (type: string, time: string) => ({ type, status: "True", lastUpdateTime: `2026-01-02T${time}Z` });

test("keptUntil: a day while nobody decides, an hour after somebody has", () => {
  const day2 = created + 24 * hour;
  assert.equal(keptUntil(csr({})), day2);
  assert.equal(keptUntil(csr({ conditions: [condition("Denied", "01:00:00")] })), day2 + 2 * hour);
  assert.equal(keptUntil(csr({ conditions: [condition("Approved", "01:00:00")] })), day2 + 25 * hour);
  const failed = [condition("Approved", "01:00:00"), condition("Failed", "02:00:00")];
  assert.equal(keptUntil(csr({ conditions: failed })), day2 + 3 * hour);
  const certificate = Buffer.from("none").toString("base64");
  assert.equal(keptUntil(csr({ conditions: [condition("Approved", "01:00:00")], certificate })), day2 + 2 * hour);
  assert.equal(keptUntil(csr({ conditions: [{ type: "Approved", status: "True" }] })), undefined);
});
