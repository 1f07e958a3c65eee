import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { UserError } from "#shared";
import { createCipher } from "./ciphers.ts";
import { createTransformer } from "./create-transformer.ts";
import { readEncryptionConfiguration } from "./encryption-configuration.ts";

const key = "/registry/secrets/default/a";
const text = Buffer.from('{"kind":"Secret"}');
const secret = (fill: number, size = 32) => Buffer.alloc(size, fill).toString("base64");

function noKms(): never {
  throw new Error("the file names no KMS plug-in");
}

function configure(resources: string, ...providers: string[]): ReturnType<typeof createTransformer> {
  return createTransformer(readEncryptionConfiguration(fileOf(resources, ...providers)), noKms);
}

function fileOf(resources: string, ...providers: string[]): string {
  return `apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
- resources: [${resources}]
  providers: [${providers.join(", ")}]
`;
}

const provider = (kind: string, name: string, value: string) =>
  `{${kind}: {keys: [{name: ${name}, secret: ${value}}]}}`;

for (const [kind, size] of [
  ["aesgcm", 16],
  ["aesgcm", 32],
  ["aescbc", 24],
  ["aescbc", 32],
  ["secretbox", 32],
] as const) {
  test(`createTransformer: ${kind} with ${size} bytes: encrypted, marked, read again`, () => {
    const transformer = configure("secrets", provider(kind, "one", secret(7, size)));
    const stored = Buffer.from(transformer.toDisk(key, text));
    assert.ok(stored.toString("latin1").startsWith(`k8s:enc:${kind}:v1:one:`));
    assert.ok(!stored.includes("Secret"));
    assert.notDeepEqual(transformer.toDisk(key, text), stored, "never twice the same");
    assert.deepEqual(Buffer.from(transformer.fromDisk(key, stored)), text);
  });
}

test("createTransformer: aesgcm binds a value to its key", () => {
  const transformer = configure("secrets", provider("aesgcm", "one", secret(7)));
  const stored = transformer.toDisk(key, text);
  assert.throws(() => transformer.fromDisk("/registry/secrets/default/b", stored));
});

test("createTransformer: bytes that somebody changed are refused", () => {
  for (const kind of ["aesgcm", "secretbox"] as const) {
    const transformer = configure("secrets", provider(kind, "one", secret(7)));
    const stored = Buffer.from(transformer.toDisk(key, text));
    stored[stored.length - 1]! ^= 1;
    assert.throws(() => transformer.fromDisk(key, stored), kind);
    for (let size = 0; size < 30; size++) assert.throws(() => transformer.fromDisk(key, stored.subarray(0, size)));
  }
});

test("createTransformer: keys rotate: the first writes, all read", () => {
  const older = configure("secrets", provider("aescbc", "old", secret(1)));
  const stored = older.toDisk(key, text);
  const keys = `{aescbc: {keys: [{name: new, secret: ${secret(2)}}, {name: old, secret: ${secret(1)}}]}}`;
  const rotated = configure("secrets", keys, "{identity: {}}");
  assert.deepEqual(Buffer.from(rotated.fromDisk(key, stored)), text);
  assert.deepEqual(Buffer.from(rotated.fromDisk(key, text)), text, "from before there was encryption");
  const rewritten = rotated.toDisk(key, text);
  assert.ok(Buffer.from(rewritten).toString("latin1").startsWith("k8s:enc:aescbc:v1:new:"));
  assert.throws(() => older.fromDisk(key, rewritten), /no provider of its rule has written it/);
});

test("createTransformer: identity does not take encrypted bytes for an object", () => {
  const stored = configure("secrets", provider("aesgcm", "one", secret(7))).toDisk(key, text);
  assert.throws(() => configure("secrets", "{identity: {}}").fromDisk(key, stored), /Cannot decrypt/);
  assert.throws(() => configure("configmaps", "{identity: {}}").fromDisk(key, stored), /Cannot decrypt/);
});

test("createTransformer: rules by resource, group and everything; the first that fits counts", () => {
  const box = provider("secretbox", "one", secret(7));
  const isEncrypted = (resources: string, fullKey: string) =>
    Buffer.from(configure(resources, box).toDisk(fullKey, text)).toString("latin1").startsWith("k8s:enc:");
  assert.ok(isEncrypted("secrets", key));
  assert.ok(!isEncrypted("secrets", "/registry/configmaps/default/a"));
  assert.ok(isEncrypted("deployments.apps", "/registry/deployments/default/a"));
  assert.ok(isEncrypted("'*.apps'", "/registry/deployments/default/a"));
  assert.ok(!isEncrypted("'*.apps'", key));
  assert.ok(isEncrypted("'*.'", key));
  assert.ok(isEncrypted("services", "/registry/services/specs/default/a"));
  assert.ok(isEncrypted("pandas.awesome.bears.example", "/registry/awesome.bears.example/pandas/default/a"));
  assert.ok(isEncrypted("'*.*'", "/registry/awesome.bears.example/pandas/default/a"));
  const first = `apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
- {resources: [configmaps], providers: [{identity: {}}]}
- {resources: ['*.*'], providers: [${box}]}
`;
  const transformer = createTransformer(readEncryptionConfiguration(first), noKms);
  assert.equal(transformer.toDisk("/registry/configmaps/default/a", text), text);
  assert.notEqual(transformer.toDisk(key, text), text);
});

test("createCipher: aescbc pads as upstream", () => {
  const cipher = createCipher("aescbc", Buffer.alloc(32, 1));
  const bytes = cipher.encrypt(Buffer.alloc(16, 65), key);
  assert.equal(bytes.length, 48, "a full block of padding follows a full block of text");
  assert.deepEqual(cipher.decrypt(bytes, "elsewhere"), Buffer.alloc(16, 65));
});

test("readEncryptionConfiguration: says every field that is wrong, and no secret", () => {
  const value = randomBytes(20).toString("base64");
  const bad = (text: string) => {
    try {
      readEncryptionConfiguration(text);
    } catch (error) {
      assert.ok(error instanceof UserError);
      assert.ok(!error.message.includes(value));
      return error.message;
    }
    throw new Error("it was accepted");
  };
  assert.match(
    bad(fileOf("secrets", provider("aesgcm", "one", value))),
    /resources\[0\]\.providers\[0\]\.aesgcm\.keys\[0\]\.secret: must be 16, 24, 32 bytes long/,
  );
  assert.match(bad(fileOf("secrets", "{}")), /must name exactly one provider/);
  assert.match(bad(fileOf("secrets", "{rot13: {}}")), /rot13/);
  assert.match(bad("kind: Pod"), /apiVersion.*kind/s);
  assert.match(bad("{"), /Cannot read the encryption configuration/);
  const twice = `{aesgcm: {keys: [{name: a, secret: ${secret(1)}}, {name: a, secret: ${secret(2)}}]}}`;
  assert.match(bad(fileOf("secrets", twice)), /two keys have the same name/);
});

test("readEncryptionConfiguration: KMS plug-ins", () => {
  const kms = (fields: string) => fileOf("secrets", `{kms: {${fields}}}`);
  const good = 'apiVersion: v2, name: vault, endpoint: "unix:///run/vault.sock"';
  const settingsOf = (text: string) => readEncryptionConfiguration(text)[0]!.providers[0];
  const settings = { name: "vault", endpoint: "unix:///run/vault.sock", timeoutMs: 3000 };
  assert.deepEqual(settingsOf(kms(good)), { kind: "kms", settings });
  assert.deepEqual(settingsOf(kms(`${good}, timeout: 1m0.5s`)), {
    kind: "kms",
    settings: { ...settings, timeoutMs: 60_500 },
  });
  for (const [fields, problem] of [
    ["name: vault, endpoint: 'unix:///run/vault.sock'", /kms\.apiVersion: must be v2/],
    [good.replace("v2", "v1"), /kms\.apiVersion: must be v2: KMS v1 is deprecated/],
    [good.replace("vault", '"a:b"'), /kms\.name: may not contain ':'/],
    [good.replace("unix:///run/vault.sock", "tcp://vault:80"), /kms\.endpoint: only unix:/],
    ["apiVersion: v2, name: vault", /kms\.endpoint: is a mandatory field for a kms/],
    [`${good}, timeout: 0s`, /kms\.timeout: should be a positive value/],
    [`${good}, timeout: soon`, /kms\.timeout: time: invalid duration "soon"/],
    [`${good}, cachesize: 3`, /kms\.cachesize: is not supported in v2/],
  ] as const) {
    assert.throws(() => readEncryptionConfiguration(kms(fields)), problem, fields);
  }
  assert.throws(
    () => readEncryptionConfiguration(fileOf("secrets", `{kms: {${good}}}`, `{kms: {${good}}}`)),
    /providers\[1\]\.kms\.name: duplicate KMS provider name vault, names must be unique/,
  );
});

test("readEncryptionConfiguration: resources that cannot be named, or that hide each other, are refused", () => {
  const bad = (resources: string, problem: RegExp) =>
    assert.throws(() => readEncryptionConfiguration(fileOf(resources, "{identity: {}}")), problem, resources);
  bad("Secrets", /resources\[0\]\.resources\[0\]: resource name should not contain capital letters/);
  bad("'*'", /use '\*\.' to encrypt all the resources from core API group/);
  bad("events.events.k8s.io", /Use 'events' instead/);
  bad("ingresses.extensions", /'extensions' group has been removed/);
  bad("'pods.*'", /encrypting the same resource across groups is not supported/);
  bad("serviceipallocations", /do not have REST API/);
  bad("secrets, secrets", /resources\[0\]\.resources: the same resource cannot be specified multiple times/);
  bad("secrets, '*.'", /resources\[0\]\.resources: using overlapping resources/);
  bad("deployments.apps, '*.*'", /using overlapping resources/);
  readEncryptionConfiguration(fileOf("secrets, '*.apps'", "{identity: {}}"));
  const rules = (...lines: string[]) => `apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources: [${lines.map((names) => `{resources: [${names}], providers: [{identity: {}}]}`).join(", ")}]
`;
  assert.throws(
    () => readEncryptionConfiguration(rules("'*.'", "secrets")),
    /resources\[1\]\.resources\[0\]: resource "secrets" is masked by earlier rule "\*\."/,
  );
  assert.throws(() => readEncryptionConfiguration(rules("'*.*'", "'*.apps'")), /masked by earlier rule "\*\.\*"/);
  readEncryptionConfiguration(rules("secrets", "'*.'", "'*.*'"));
});

test("createTransformer: a resource of two rules is written by the first and read by both", () => {
  const [one, two] = [provider("aesgcm", "one", secret(1)), provider("aesgcm", "two", secret(2))];
  const both = createTransformer(
    readEncryptionConfiguration(`apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources: [{resources: [secrets], providers: [${one}]}, {resources: [secrets], providers: [${two}]}]
`),
    noKms,
  );
  assert.deepEqual(Buffer.from(both.fromDisk(key, configure("secrets", two).toDisk(key, text))), text);
  assert.ok(Buffer.from(both.toDisk(key, text)).toString("latin1").startsWith("k8s:enc:aesgcm:v1:one:"));
});
