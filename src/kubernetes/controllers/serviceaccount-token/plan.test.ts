import assert from "node:assert/strict";
import { test } from "node:test";
import type { Secret, ServiceAccount } from "#kubernetes/api";
import { filledSecret, isOfAccount, missingParts } from "./plan.ts";

const account: ServiceAccount = { metadata: { name: "a", namespace: "n", uid: "1" } };

function secret(annotations: Record<string, string>, data: Record<string, string> = {}): Secret {
  return { metadata: { name: "s", namespace: "n", annotations }, type: "kubernetes.io/service-account-token", data };
}

const named = { "kubernetes.io/service-account.name": "a" };

test("isOfAccount: by name, and by UID once it is known", () => {
  assert.equal(isOfAccount(secret(named), account), true);
  assert.equal(isOfAccount(secret({ ...named, "kubernetes.io/service-account.uid": "1" }), account), true);
  assert.equal(isOfAccount(secret({ ...named, "kubernetes.io/service-account.uid": "2" }), account), false);
  assert.equal(isOfAccount(secret({}), account), false);
});

test("filledSecret: has all that is missing, and nothing is missing then", () => {
  const empty = secret(named);
  assert.deepEqual(missingParts(empty, "CA"), { rootCa: true, namespace: true, token: true });
  const filled = filledSecret(empty, account, { rootCa: "CA", token: "T" });
  assert.deepEqual(filled.data, { "ca.crt": "Q0E=", namespace: "bg==", token: "VA==" });
  assert.equal(filled.metadata.annotations?.["kubernetes.io/service-account.uid"], "1");
  assert.equal(missingParts(filled, "CA"), undefined);
  assert.deepEqual(missingParts(filled, "other"), { rootCa: true, namespace: false, token: false });
});
