import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { FakeClock, silentLogger } from "#shared";
import { Exposition } from "../metrics/exposition.ts";
import { type Encryption, openEncryption } from "./open-encryption.ts";
import { startKmsPlugin } from "./testing/kms-plugin.ts";

const root = await mkdtemp(join(tmpdir(), "slipway-encryption-"));
after(() => rm(root, { recursive: true }));

const key = "/registry/secrets/default/a";
const text = Buffer.from('{"kind":"Secret"}');
let scenes = 0;

function fileOf(...providers: string[]): string {
  return `apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources: [{resources: [secrets], providers: [${providers.join(", ")}]}]
`;
}

const kms = (name: string, socket: string) =>
  `{kms: {apiVersion: v2, name: ${name}, endpoint: "unix://${socket}", timeout: 1s}}`;
const gcm = `{aesgcm: {keys: [{name: one, secret: ${Buffer.alloc(32, 7).toString("base64")}}]}}`;

interface Scene {
  readonly clock: FakeClock;
  readonly encryption: Encryption;
  readonly socket: (name: string) => string;
  rewrite(content: string): Promise<void>;
  /** Lets time pass until it is so. */
  until(isSo: () => boolean): Promise<void>;
  metrics(): string;
}

async function setUp(context: TestContext, contentOf: (socket: Scene["socket"]) => string): Promise<Scene> {
  const scene = scenes++;
  const socket = (name: string) => join(root, `${scene}-${name}.sock`);
  const path = join(root, `${scene}.yaml`);
  await writeFile(path, contentOf(socket));
  const clock = new FakeClock();
  const encryption = await openEncryption(path, { apiServerId: "this", clock, logger: silentLogger });
  context.after(() => encryption.close());
  const metrics = () => {
    const exposition = new Exposition();
    encryption.write(exposition);
    return exposition.toString();
  };
  return {
    clock,
    encryption,
    socket,
    rewrite: (content) => writeFile(path, content),
    async until(isSo) {
      while (!isSo()) await clock.advance(1_000);
    },
    metrics,
  };
}

function prefixOf({ transformer }: Encryption): string {
  const stored = Buffer.from(transformer.toDisk(key, text)).toString("latin1");
  return stored.split(":", 5).slice(0, 5).join(":");
}

test("openEncryption: follows its file: a plug-in takes the place of a key, and what the key wrote stays readable", async (context) => {
  const { encryption, socket, rewrite, until, metrics } = await setUp(context, () => fileOf(gcm));
  const { transformer, check } = encryption;
  assert.equal(prefixOf(encryption), "k8s:enc:aesgcm:v1:one");
  await check.check();
  const old = transformer.toDisk(key, text);
  const plugin = await startKmsPlugin(socket("a"));
  context.after(() => plugin.stop());
  await rewrite(fileOf(kms("a", socket("a")), gcm));
  await until(() => /automatic_reloads_total\{[^}]*status="success"\} 1/.test(metrics()));
  assert.equal(prefixOf(encryption), "k8s:enc:kms:v2:a");
  assert.deepEqual(Buffer.from(transformer.fromDisk(key, old)), text);
  const fresh = transformer.toDisk(key, text);
  await rewrite(fileOf(gcm, kms("a", socket("a"))));
  await until(() => /automatic_reloads_total\{[^}]*status="success"\} 2/.test(metrics()));
  assert.equal(prefixOf(encryption), "k8s:enc:aesgcm:v1:one");
  assert.deepEqual(
    Buffer.from(transformer.fromDisk(key, fresh)),
    text,
    "the plug-in is the same: its seeds stay known",
  );
  assert.equal(plugin.calls.Encrypt, 1);
});

test("openEncryption: a file that is wrong, or names a plug-in that is not well, changes nothing", async (context) => {
  const { encryption, socket, rewrite, until, metrics } = await setUp(context, () => fileOf(gcm));
  await rewrite("kind: Pod");
  await until(() => /automatic_reloads_total\{[^}]*status="failure"\} 1/.test(metrics()));
  assert.equal(prefixOf(encryption), "k8s:enc:aesgcm:v1:one");
  const plugin = await startKmsPlugin(socket("a"), { healthz: "sealed" });
  context.after(() => plugin.stop());
  await rewrite(fileOf(kms("a", socket("a"))));
  await until(() => /automatic_reloads_total\{[^}]*status="failure"\} 2/.test(metrics()));
  assert.equal(prefixOf(encryption), "k8s:enc:aesgcm:v1:one");
  await encryption.check.check();
});

test("openEncryption: kms-providers is as well as every plug-in", async (context) => {
  const plugins = [await startKmsPlugin(join(root, "one.sock")), await startKmsPlugin(join(root, "two.sock"))];
  context.after(() => Promise.all(plugins.map((plugin) => plugin.stop())));
  const { encryption, clock } = await setUp(context, () =>
    fileOf(kms("one", join(root, "one.sock")), kms("two", join(root, "two.sock"))),
  );
  assert.equal(encryption.check.name, "kms-providers");
  await encryption.check.check();
  plugins[1]!.state.healthz = "sealed";
  await clock.advance(21_000);
  await assert.rejects(
    async () => encryption.check.check(),
    /^Error: kms-provider-1: kmsv2 Provider two is not healthy, error: got unexpected healthz status: sealed$/,
  );
});

test("openEncryption: a plug-in that is away does not keep the server from starting", async (context) => {
  const { encryption, socket, clock } = await setUp(context, (socketOf) => fileOf(kms("a", socketOf("a"))));
  assert.throws(() => encryption.transformer.toDisk(key, text), /got unexpected nil transformer/);
  const plugin = await startKmsPlugin(socket("a"));
  context.after(() => plugin.stop());
  for (let isWell = false; !isWell; ) {
    await clock.advance(4_000);
    isWell = await Promise.resolve(encryption.check.check()).then(
      () => true,
      () => false,
    );
  }
  assert.equal(prefixOf(encryption), "k8s:enc:kms:v2:a");
});
