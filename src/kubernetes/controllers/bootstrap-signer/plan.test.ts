import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConfigMap, Secret } from "#kubernetes/api";
import { signingToken } from "../bootstrap-tokens/token-secret.ts";
import { detachedSignature, planSignatures } from "./plan.ts";

const token = { id: "tokenID", secret: "tokenSecret" };
const info = (data: Record<string, string>): ConfigMap => ({ metadata: { name: "cluster-info" }, data });

test("detachedSignature: a JWS without its payload", () => {
  const [header, payload, signature] = detachedSignature("Hello from the other side!", token).split(".");
  assert.equal(Buffer.from(header ?? "", "base64url").toString(), '{"alg":"HS256","kid":"tokenID"}');
  assert.equal(payload, "");
  assert.equal(signature?.length, 43);
});

test("planSignatures: one for each token, none of others", () => {
  const signature = detachedSignature("x", token);
  const signed = { kubeconfig: "x", other: "y", "jws-kubeconfig-tokenID": signature };
  assert.deepEqual(planSignatures(info({ kubeconfig: "x", other: "y" }), [token]), signed);
  assert.equal(planSignatures(info(signed), [token]), undefined);
  assert.deepEqual(planSignatures(info({ ...signed, "jws-kubeconfig-old": "z" }), [token]), signed);
  assert.deepEqual(planSignatures(info(signed), []), { kubeconfig: "x", other: "y" });
  assert.equal(planSignatures(info({ other: "y" }), [token]), undefined);
  assert.equal(planSignatures(undefined, [token]), undefined);
});

test("signingToken: whole, named after its id, for signing, not expired", () => {
  const nowMs = Date.parse("2026-01-01T00:00:00Z");
  const secret = (name: string, data: Record<string, string>): Secret => ({
    metadata: { name, namespace: "kube-system" },
    data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString("base64")])),
  });
  const good = { "token-id": "abcdef", "token-secret": "s", "usage-bootstrap-signing": "true" };
  const read = (data: Record<string, string>, name = "bootstrap-token-abcdef") =>
    signingToken(secret(name, data), nowMs);
  assert.deepEqual(read(good), { id: "abcdef", secret: "s" });
  assert.deepEqual(read({ ...good, expiration: "2026-01-01T00:00:01Z" }), { id: "abcdef", secret: "s" });
  assert.equal(read({ ...good, expiration: "2026-01-01T00:00:00Z" }), undefined);
  assert.equal(read({ ...good, expiration: "soon" }), undefined);
  assert.equal(read({ ...good, "usage-bootstrap-signing": "false" }), undefined);
  assert.equal(read(good, "bootstrap-token-aaaaaa"), undefined);
  assert.equal(read({ ...good, "token-secret": "" }), undefined);
});
