import assert from "node:assert/strict";
import { test } from "node:test";
import { describeRenewal } from "./describe-renewal.ts";
import type { FoundCertificate } from "./find-certificates.ts";

function certificate(name: string, pem: string, { where = "cluster", daysLeft = 365 } = {}): FoundCertificate {
  const place = { where, file: name, isElsewhere: where !== "cluster" };
  return { name, subject: name, issuer: "kubernetes", isAuthority: false, expires: "", daysLeft, pem, ...place };
}

test("describeRenewal: counts those that are new, and names those that are as they were, with who issues them anew", () => {
  const where = "demo-1";
  const old = [
    certificate("admin", "1"),
    certificate("apiserver", "1", { where }),
    certificate("kubelet-client-current", "1", { where }),
    certificate("other", "1", { where }),
    certificate("gone", "1", { where }),
  ];
  const now = [
    certificate("admin", "2"),
    certificate("apiserver", "2", { where, daysLeft: 180 }),
    certificate("kubelet-client-current", "1", { where }),
    certificate("other", "1", { where }),
  ];
  const text = describeRenewal(old, now, { "kubelet-client-current": "the kubelet does it" });
  assert.equal(
    text,
    "Certificate kubelet-client-current of demo-1 is as it was: the kubelet does it.\n" +
      "Certificate other of demo-1 is as it was.\n" +
      "2 certificates are new, good for 180 days.\n",
  );
  assert.equal(describeRenewal(old.slice(0, 1), now), "1 certificate is new, good for 365 days.\n");
  assert.match(describeRenewal(old.slice(3, 4), now), /0 certificates are new\.\n$/);
});
