import assert from "node:assert/strict";
import { createHmac, hkdfSync, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { FakeClock, silentLogger } from "#shared";
import { Exposition } from "../../metrics/exposition.ts";
import { createCipher } from "../ciphers.ts";
import { type KmsPlugin, type KmsPluginState, startKmsPlugin } from "../testing/kms-plugin.ts";
import { checkEncryptedSeed, decodeEncryptedObject, encodeEncryptedObject, sourceTypes } from "./encrypted-object.ts";
import { createKmsMetrics } from "./kms-metrics.ts";
import { KmsProvider } from "./kms-provider.ts";
import { createSeedCipher } from "./seed-cipher.ts";

const root = await mkdtemp(join(tmpdir(), "slipway-kms-"));
after(() => rm(root, { recursive: true }));

let sockets = 0;
const key = "/registry/secrets/default/a";
const text = Buffer.from('{"kind":"Secret"}');

interface Scene {
  readonly socket: string;
  readonly clock: FakeClock;
  readonly plugin: KmsPlugin;
  readonly provider: KmsProvider;
  /** Another server's provider of the same plug-in. */
  another(): KmsProvider;
  metrics(): string;
}

async function setUp(context: TestContext, initial?: Partial<KmsPluginState>): Promise<Scene> {
  const socket = join(root, `${sockets++}.sock`);
  const clock = new FakeClock();
  const metrics = createKmsMetrics("this-server", clock);
  const another = () => {
    const settings = { name: "vault", endpoint: `unix://${socket}`, timeoutMs: 3000 };
    const made = new KmsProvider(settings, { metrics, clock, logger: silentLogger });
    context.after(() => made.close());
    return made;
  };
  const plugin = await startKmsPlugin(socket, initial);
  context.after(() => plugin.stop());
  return {
    socket,
    clock,
    plugin,
    provider: another(),
    another,
    metrics() {
      const exposition = new Exposition();
      metrics.write(exposition);
      return exposition.toString();
    },
  };
}

test("createSeedCipher: each value has a key of its own, derived by HKDF-SHA256 from the seed and what stands before the value", () => {
  const [secret, salt] = [randomBytes(32), randomBytes(32)];
  const seed = createHmac("sha256", salt).update(secret).digest();
  const stored = createSeedCipher(seed).encrypt(text, key);
  const info = stored.subarray(0, 32);
  const derived = Buffer.from(hkdfSync("sha256", secret, salt, info, 32));
  assert.deepEqual(createCipher("aesgcm", derived).decrypt(stored.subarray(32), key), text);
  assert.deepEqual(createSeedCipher(seed).decrypt(stored, key), text);
  assert.notDeepEqual(createSeedCipher(seed).encrypt(text, key).subarray(0, 32), info);
  assert.throws(() => createSeedCipher(seed).decrypt(stored, "/registry/secrets/default/b"));
  assert.throws(() => createSeedCipher(seed).decrypt(stored.subarray(0, 20), key), /shorter than the required size/);
  assert.throws(() => createSeedCipher(seed.subarray(1)), /invalid seed length 31/);
});

test("KmsProvider: what one server wrote another reads, after it has asked for the seed once", async (context) => {
  const { plugin, provider, another, metrics } = await setUp(context);
  await provider.start();
  const values = [provider.encrypt(text, key), provider.encrypt(text, key)];
  assert.equal(plugin.calls.Encrypt, 1, "values are encrypted here");
  const { keyID, encryptedDEKSourceType, annotations } = decodeEncryptedObject(values[0]!);
  assert.equal(keyID, "key-1");
  assert.equal(encryptedDEKSourceType, sourceTypes.seed);
  assert.deepEqual(Object.keys(annotations), ["version.encryption.example.com"]);
  assert.equal(provider.prepare(values[0]!), undefined, "it knows what it wrote with");
  assert.deepEqual(provider.decrypt(values[0]!, key), text);

  const other = another();
  assert.throws(() => other.decrypt(values[0]!, key), /has not decrypted its key/);
  await Promise.all(values.map((value) => other.prepare(value)));
  assert.equal(plugin.calls.Decrypt, 1, "one question for one seed");
  for (const value of values) {
    assert.equal(other.prepare(value), undefined);
    assert.deepEqual(other.decrypt(value, key), text);
  }
  assert.throws(() => other.decrypt(values[0]!, "/registry/secrets/default/b"), "bound to its key");
  const numbers = metrics();
  assert.match(numbers, /key_id_hash_total\{.*provider_name="vault",transformation_type="to_storage"\} 2/);
  assert.match(numbers, /key_id_hash_total\{.*transformation_type="from_storage"\} 4/);
  assert.match(numbers, /apiserver_envelope_encryption_dek_source_cache_size\{provider_name="vault"\} 1/);
  assert.match(
    numbers,
    /kms_operations_latency_seconds_count\{grpc_status_code="OK",method_name="\/v2.KeyManagementService\/Decrypt",provider_name="vault"\} 1/,
  );
  assert.match(numbers, /apiserver_storage_envelope_transformation_cache_misses_total 1/);
  assert.ok(!numbers.includes("key-1") && !numbers.includes("this-server"), "keys and servers are shown as hashes");
});

test("KmsProvider: values of upstream before 1.29, whose key is the seed itself, are read", async (context) => {
  const { provider, plugin } = await setUp(context);
  await provider.start();
  const written = decodeEncryptedObject(provider.encrypt(text, key));
  const plain = randomBytes(32);
  // The plug-in seals what it is given: let it seal a key of ours.
  const { openKmsClient } = await import("./kms-client.ts");
  const client = openKmsClient(provider.settings);
  context.after(() => client.close());
  const { ciphertext } = await client.encrypt(plain);
  const old = encodeEncryptedObject({
    ...written,
    encryptedDEKSource: ciphertext,
    encryptedDEKSourceType: sourceTypes.key,
    encryptedData: createCipher("aesgcm", plain).encrypt(text, key),
  });
  await provider.prepare(old);
  assert.deepEqual(provider.decrypt(old, key), text);
  assert.equal(plugin.calls.Decrypt, 1);
});

test("KmsProvider: the plug-in's new key is written with; what the old one wrote stays readable", async (context) => {
  const { clock, plugin, provider } = await setUp(context);
  await provider.start();
  const old = provider.encrypt(text, key);
  plugin.state.keyId = "key-2";
  await clock.advance(21_000);
  await provider.check();
  const fresh = provider.encrypt(text, key);
  assert.equal(decodeEncryptedObject(fresh).keyID, "key-2");
  for (const value of [old, fresh]) assert.deepEqual(provider.decrypt(value, key), text);
  assert.equal(plugin.calls.Encrypt, 2);
});

test("KmsProvider: the plug-in is asked every minute by itself, every ten seconds while it is unwell", async (context) => {
  const { clock, plugin, provider } = await setUp(context);
  await provider.start();
  const asked = async (times: number) => {
    while (plugin.calls.Status < times) await new Promise((resolve) => setImmediate(resolve));
    // The answer has been looked at when the next wait has begun.
    while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(plugin.calls.Status, times);
  };
  await asked(1);
  await clock.advance(59_000);
  assert.equal(plugin.calls.Status, 1);
  plugin.state.healthz = "sealed";
  await clock.advance(1_000);
  await asked(2);
  await clock.advance(10_000);
  await asked(3);
});

test("KmsProvider: without the plug-in, writes go on for three minutes, reads for good", async (context) => {
  const { clock, plugin, provider } = await setUp(context);
  await provider.start();
  const old = provider.encrypt(text, key);
  plugin.state.failures = { Status: "out of order" };
  await clock.advance(179_000);
  assert.deepEqual(provider.decrypt(provider.encrypt(text, key), key), text);
  await clock.advance(2_000);
  assert.throws(
    () => provider.encrypt(text, key),
    /encryptedDEKSource with keyID hash "sha256:[0-9a-f]{64}" expired at 2026-01-01T00:03:00Z \(current time is 2026-01-01T00:03:01Z\)/,
  );
  assert.deepEqual(provider.decrypt(old, key), text);
  plugin.state.failures = {};
  await clock.advance(21_000);
  await provider.check();
  assert.deepEqual(provider.decrypt(provider.encrypt(text, key), key), text, "with the seed it had");
  assert.equal(plugin.calls.Encrypt, 1);
});

test("KmsProvider: a plug-in that starts later is greeted; until then nothing is written", async (context) => {
  const { plugin, clock, provider } = await setUp(context, { failures: { Status: "not yet" } });
  await provider.start();
  assert.throws(() => provider.encrypt(text, key), /got unexpected nil transformer/);
  await assert.rejects(
    provider.check(),
    /failed to perform status section of the healthz check for KMS Provider vault, error: rpc error: code = Unavailable desc = not yet/,
  );
  plugin.state.failures = {};
  await clock.advance(4_000);
  await provider.check();
  assert.deepEqual(provider.decrypt(provider.encrypt(text, key), key), text);
});

test("KmsProvider: a seed is asked for again for half a minute, then given up", async (context) => {
  const { plugin, clock, provider, another } = await setUp(context);
  await provider.start();
  const value = provider.encrypt(text, key);
  plugin.state.failures = { Decrypt: "sealed" };
  const run = async (outcome: Promise<unknown>) => {
    let isOver = false;
    const settle = () => {
      isOver = true;
    };
    outcome.then(settle, settle);
    while (!isOver) await clock.advance(1_000);
  };
  const lost = another().prepare(value)!;
  await run(lost);
  await assert.rejects(
    lost,
    /failed to decrypt DEK by KMS plug-in vault .*error: rpc error: code = Unavailable desc = sealed/,
  );
  const other = another();
  const waiting = other.prepare(value)!;
  const before = plugin.calls.Decrypt;
  while (plugin.calls.Decrypt === before) await clock.advance(0);
  plugin.state.failures = {};
  await run(waiting);
  assert.deepEqual(other.decrypt(value, key), text);
});

for (const [name, state, problem] of [
  [
    "is unwell",
    { healthz: "sealed" },
    /kmsv2 Provider vault is not healthy, error: got unexpected healthz status: sealed/,
  ],
  ["speaks another version", { version: "v3" }, /expected KMSv2 API version v2, got v3/],
] as const) {
  test(`KmsProvider: a plug-in that ${name} is told of; it is written with as long as it encrypts`, async (context) => {
    const { provider } = await setUp(context, state);
    await provider.start();
    await assert.rejects(provider.check(), problem);
    assert.deepEqual(provider.decrypt(provider.encrypt(text, key), key), text);
  });
}

for (const [name, state, problem] of [
  ["names no key", { keyId: "" }, /got invalid KMSv2 KeyID hash "": keyID is empty/],
  [
    "names a key that is too long",
    { keyId: "k".repeat(1025) },
    /keyID is 1025 bytes, which exceeds the max size of 1024/,
  ],
  ["uses another key than it says", { encryptKeyId: "other" }, /failed to rotate DEK: statusKeyIDHash=/],
  [
    "adds annotations that are no domains",
    { annotations: { plain: Buffer.from("1") } },
    /should be a domain with at least two segments separated by dots/,
  ],
] as const) {
  test(`KmsProvider: a plug-in that ${name} is not written with`, async (context) => {
    const { provider } = await setUp(context, state);
    await provider.start();
    await assert.rejects(provider.check(), problem);
    assert.throws(() => provider.encrypt(text, key), /got unexpected nil transformer/);
  });
}

test("checkEncryptedSeed: limits as upstream's", () => {
  const seed = { keyID: "a", encryptedDEKSource: Buffer.from("x"), annotations: {}, encryptedDEKSourceType: 1 };
  checkEncryptedSeed(seed);
  const bad = (change: Partial<typeof seed>, problem: RegExp) =>
    assert.throws(() => checkEncryptedSeed({ ...seed, ...change }), problem);
  bad({ encryptedDEKSourceType: 2 }, /unknown encryptedDEKSourceType: 2/);
  bad({ encryptedDEKSource: Buffer.alloc(0) }, /encrypted DEK source is empty/);
  bad(
    { encryptedDEKSource: Buffer.alloc(1025) },
    /encrypted DEK source is 1025 bytes, which exceeds the max size of 1024/,
  );
  bad({ annotations: { "a.example.com": Buffer.alloc(32 * 1024) } }, /total size of annotations is 32781/);
  assert.throws(
    () => decodeEncryptedObject(encodeEncryptedObject({ ...seed, encryptedData: Buffer.alloc(0) })),
    /encrypted data is empty/,
  );
});

test("KmsProvider: abstract sockets are reached", {
  skip: process.platform !== "linux" && "they are Linux' own",
}, async (context) => {
  const name = `slipway-kms-${process.pid}`;
  const plugin = await startKmsPlugin(`\0${name}`);
  context.after(() => plugin.stop());
  const clock = new FakeClock();
  const settings = { name: "vault", endpoint: `unix:///@${name}`, timeoutMs: 3000 };
  const provider = new KmsProvider(settings, { metrics: createKmsMetrics("", clock), clock, logger: silentLogger });
  context.after(() => provider.close());
  await provider.start();
  assert.deepEqual(provider.decrypt(provider.encrypt(text, key), key), text);
});
