import assert from "node:assert/strict";
import { test } from "node:test";
import { openMemoryStore } from "#kubernetes/store";
import { FakeClock } from "#shared";
import type { BytesAnswer, Handler } from "../call.ts";
import { makeCall } from "../make-call.ts";
import { type HealthCheck, healthHandlers } from "./health.ts";
import { healthChecks } from "./health-checks.ts";

const broken: HealthCheck = {
  name: "b",
  check: () => {
    throw new Error("why");
  },
};
const well: HealthCheck = { name: "a/c", check: () => {} };

async function ask(handlers: Readonly<Record<string, Handler>>, path: string, query = "") {
  const request = { method: "GET" as const, path, query: new URLSearchParams(query), headers: {} };
  const answer = (await handlers[path]!(makeCall(request, undefined))) as BytesAnswer;
  return { status: answer.status, headers: answer.headers, text: Buffer.from(answer.body as Uint8Array).toString() };
}

const plain = { "content-type": "text/plain; charset=utf-8" };
const unsniffed = { ...plain, "x-content-type-options": "nosniff" };

test("healthHandlers: the whole is told in full when asked for, and always when something is wrong", async () => {
  const noted: unknown[] = [];
  const note = (...all: unknown[]) => noted.push(all);
  const handlers = healthHandlers("livez", [well, broken], note);
  const failure = "[+]a/c ok\n[-]b failed: reason withheld\nlivez check failed\n";
  assert.deepEqual(await ask(handlers, "/livez"), { status: 500, headers: unsniffed, text: failure });
  assert.deepEqual(noted, [
    ["a/c", "livez", true],
    ["b", "livez", false],
  ]);
  const rest = await ask(handlers, "/livez", "exclude=b");
  assert.deepEqual(rest, { status: 200, headers: unsniffed, text: "ok" });
  const told = "[+]a/c ok\n[+]b excluded: ok\nlivez check passed\n";
  assert.equal((await ask(handlers, "/livez", "verbose&exclude=b")).text, told);
});

test("healthHandlers: what cannot be left out is told sorted and quoted", async () => {
  const handlers = healthHandlers("readyz", [well], () => {});
  assert.equal(
    (await ask(handlers, "/readyz", "verbose=false&exclude=z&exclude=a/c&exclude=é%0A&exclude=z")).text,
    '[+]a/c excluded: ok\nwarn: some health checks cannot be excluded: no matches for "z","é\\n"\nreadyz check passed\n',
  );
});

test("healthHandlers: a check by itself says why it fails", async () => {
  const handlers = healthHandlers("livez", [well, broken], () => {});
  assert.deepEqual(await ask(handlers, "/livez/a/c"), { status: 200, headers: plain, text: "ok" });
  const failure = { status: 500, headers: unsniffed, text: "internal server error: why\n" };
  assert.deepEqual(await ask(handlers, "/livez/b"), failure);
});

const atStart = {
  clock: new FakeClock(),
  isStarted: () => true,
  isStopping: () => false,
  encryptionCheck: { name: "kms-providers", check: () => {} },
  isFrontProxy: true,
};

const namesOf = (checks: readonly HealthCheck[]) => checks.map(({ name }) => name.replace("poststarthook/", "+"));

test("healthChecks: what each endpoint asks first, in upstream's order", () => {
  const checks = healthChecks({ ...atStart, store: openMemoryStore({}) });
  const [livez, readyz, healthz] = [namesOf(checks.livez), namesOf(checks.readyz), namesOf(checks.healthz)];
  const steps = livez.slice(4);
  assert.deepEqual(livez.slice(0, 4), ["ping", "log", "loopback-serving-certificate", "etcd"]);
  assert.deepEqual(healthz, [...livez.slice(0, 4), "kms-providers", ...steps]);
  const first = ["ping", "log", "etcd", "etcd-readiness", "kms-providers", "informer-sync"];
  assert.deepEqual(readyz, [...first, ...steps, "shutdown"]);
});

test("healthChecks: the steps of the start, in upstream's order", () => {
  const checks = healthChecks({ ...atStart, encryptionCheck: undefined, store: openMemoryStore({}) });
  assert.deepEqual(namesOf(checks.livez).slice(4), [
    "+start-apiserver-admission-initializer",
    "+generic-apiserver-start-informers",
    "+priority-and-fairness-config-consumer",
    "+priority-and-fairness-filter",
    "+storage-object-count-tracker-hook",
    "+start-apiextensions-informers",
    "+start-apiextensions-controllers",
    "+crd-informer-synced",
    "+start-system-namespaces-controller",
    "+peer-endpoint-reconciler-controller",
    "+start-cluster-authentication-info-controller",
    "+start-kube-apiserver-identity-lease-controller",
    "+start-kube-apiserver-identity-lease-garbage-collector",
    "+storage-readiness",
    "+start-legacy-token-tracking-controller",
    "+start-service-ip-repair-controllers",
    "+rbac/bootstrap-roles",
    "+scheduling/bootstrap-system-priority-classes",
    "+priority-and-fairness-config-producer",
    "+bootstrap-controller",
    "+start-kubernetes-service-cidr-controller",
    "+aggregator-reload-proxy-client-cert",
    "+start-kube-aggregator-informers",
    "+apiservice-status-local-available-controller",
    "+apiservice-status-remote-available-controller",
    "+apiservice-registration-controller",
    "+apiservice-discovery-controller",
    "+kube-apiserver-autoregistration",
    "autoregister-completion",
    "+apiservice-openapi-controller",
    "+apiservice-openapiv3-controller",
  ]);
});

test("healthChecks: a server that stops is live and not ready", async () => {
  const store = openMemoryStore({});
  const checks = healthChecks({ ...atStart, store, isStopping: () => true });
  const ready = await ask(
    healthHandlers("readyz", checks.readyz, () => {}),
    "/readyz",
  );
  assert.equal(ready.status, 500);
  assert.match(ready.text, /\[-\]shutdown failed: reason withheld\nreadyz check failed\n$/);
  const live = await ask(
    healthHandlers("livez", checks.livez, () => {}),
    "/livez",
  );
  assert.equal(live.text, "ok");
});

test("healthChecks: a store that does not answer is given up", async () => {
  const clock = new FakeClock();
  const store = { ...openMemoryStore({}), sync: () => new Promise<number>(() => {}) };
  const handlers = healthHandlers("livez", healthChecks({ ...atStart, clock, store }).livez, () => {});
  const answer = ask(handlers, "/livez/etcd");
  await clock.advance(2000);
  assert.equal((await answer).text, "internal server error: context deadline exceeded\n");
});
