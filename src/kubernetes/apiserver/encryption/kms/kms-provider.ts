// Encryption by a key that a KMS plug-in keeps, as upstream does it since 1.29: the plug-in encrypts a seed, now and then; values are
// encrypted here, by keys made of the seed. Encrypting and decrypting never wait: a seed not known yet is asked for by `prepare`.

import { randomBytes } from "node:crypto";
import { formatGrpcError, grpcCodeName } from "#grpc";
import { abortable, type Clock, type Logger } from "#shared";
import { type Cipher, createCipher } from "../ciphers.ts";
import {
  checkEncryptedSeed,
  decodeEncryptedObject,
  type EncryptedSeed,
  encodeEncryptedObject,
  findKeyIdProblem,
  fingerprintOf,
  hashOf,
  sourceTypes,
} from "./encrypted-object.ts";
import { type KmsClient, type KmsSettings, openKmsClient } from "./kms-client.ts";
import type { KmsMetrics } from "./kms-metrics.ts";
import type { KmsAnswer } from "./kms-protocol.ts";
import { createSeedCipher, seedSize } from "./seed-cipher.ts";

export interface KmsProviderOptions {
  readonly metrics: KmsMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What is written with. */
interface WriteState {
  readonly seed: EncryptedSeed;
  readonly cipher: Cipher;
  /** Nothing is written with it afterwards, in milliseconds since the epoch: a plug-in that is gone may have changed its key. */
  readonly expiresAt: number;
}

// Upstream's times, which tell those who change a key how long to wait.
const pollMs = 60_000;
const pollAgainMs = 10_000;
const writableMs = 3 * 60_000;
const healthyForMs = 20_000;
const unhealthyForMs = 3_000;
/** How long a seed is asked for in vain: plug-ins may start after the server. */
const patienceMs = 30_000;
const askAgainMs = 1_000;

export class KmsProvider implements Cipher {
  readonly settings: KmsSettings;
  readonly #client: KmsClient;
  readonly #options: KmsProviderOptions;
  readonly #stop = new AbortController();
  /** By fingerprint. They stay: without its seed a value cannot be read, and reads do not wait. */
  readonly #seeds = new Map<string, Cipher>();
  readonly #fetching = new Map<string, Promise<void>>();
  #state: WriteState | undefined;
  #version: string | undefined;
  #checking: Promise<void> | undefined;
  #checked: { readonly until: number; readonly error: Error | undefined } | undefined;
  #polling: Promise<void> | undefined;

  constructor(settings: KmsSettings, options: KmsProviderOptions) {
    const { metrics } = options;
    this.settings = settings;
    this.#options = options;
    this.#client = openKmsClient(settings, (method, code, seconds) =>
      metrics.noteCall(settings.name, method, grpcCodeName(code), seconds),
    );
  }

  /** Resolves when the plug-in was asked once, whatever it said; from here on it is asked every minute, and more often while unwell. */
  async start(): Promise<void> {
    const isWell = await this.#look();
    this.#polling = this.#poll(isWell).catch((error: unknown) => {
      if (!this.#stop.signal.aborted) throw error;
    });
  }

  async #poll(wasWell: boolean): Promise<void> {
    for (let isWell = wasWell; ; isWell = await this.#look()) {
      await this.#options.clock.sleep(isWell ? pollMs : pollAgainMs, this.#stop.signal);
    }
  }

  async #look(): Promise<boolean> {
    try {
      await this.check();
      return true;
    } catch (error) {
      if (this.#stop.signal.aborted) throw error;
      this.#options.logger.error(
        { name: this.settings.name, error: (error as Error).message },
        "KMS plug-in is unwell",
      );
      return false;
    }
  }

  /** Rejects while the plug-in is unwell. Asks it, or answers what it said a moment ago. */
  async check(): Promise<void> {
    const { clock } = this.#options;
    if (this.#checked && clock.now() < this.#checked.until) {
      if (this.#checked.error) throw this.#checked.error;
      return;
    }
    this.#checking ??= this.#probe().finally(() => {
      this.#checking = undefined;
    });
    await this.#checking;
  }

  async #probe(): Promise<void> {
    const { clock } = this.#options;
    try {
      await this.#askStatus();
      this.#checked = { until: clock.now() + healthyForMs, error: undefined };
    } catch (error) {
      this.#checked = { until: clock.now() + unhealthyForMs, error: error as Error };
      throw error;
    }
  }

  async #askStatus(): Promise<void> {
    const { name } = this.settings;
    let status: KmsAnswer<"StatusResponse">;
    try {
      status = await this.#client.status(this.#stop.signal);
    } catch (error) {
      const what = `failed to perform status section of the healthz check for KMS Provider ${name}`;
      throw new Error(`${what}, error: ${formatGrpcError(error)}`);
    }
    const problems = [...this.#statusProblems(status), ...(await this.#takeKeyId(status.keyId))];
    if (problems.length === 0) return;
    const text = problems.length === 1 ? problems[0] : `[${problems.join(", ")}]`;
    throw new Error(`kmsv2 Provider ${name} is not healthy, error: ${text}`);
  }

  #statusProblems({ healthz, version }: KmsAnswer<"StatusResponse">): string[] {
    const problems = healthz === "ok" ? [] : [`got unexpected healthz status: ${healthz}`];
    if (version !== "v2" && version !== "v2beta1") {
      return [...problems, `expected KMSv2 API version v2, got ${version}`];
    }
    this.#version ??= version;
    if (version === this.#version) return problems;
    const change = `initial status response version ${this.#version}, got ${version}`;
    return [...problems, `KMSv2 API version should not change after the ${change}`];
  }

  async #takeKeyId(keyID: string): Promise<string[]> {
    const { metrics } = this.#options;
    const { name } = this.settings;
    const problem = findKeyIdProblem(keyID);
    if (problem) {
      metrics.noteInvalidStatusKey(name, problem.code);
      return [`got invalid KMSv2 KeyID hash "${hashOf(keyID)}": ${problem.message}`];
    }
    metrics.noteStatusKey(name, keyID);
    // Begun before the plug-in is asked: it is how long the answer is relied upon.
    const expiresAt = this.#options.clock.now() + writableMs;
    if (this.#state?.seed.keyID === keyID) {
      this.#state = { ...this.#state, expiresAt };
      return [];
    }
    try {
      await this.#rotate(keyID, expiresAt);
      return [];
    } catch (error) {
      return [`failed to rotate DEK: ${formatGrpcError(error)}`];
    }
  }

  /** Takes a new seed to write with. Where that fails the one before is used on, until it expires. */
  async #rotate(keyID: string, expiresAt: number): Promise<void> {
    const plain = randomBytes(seedSize);
    const answer = await this.#client.encrypt(plain, this.#stop.signal);
    const seed: EncryptedSeed = {
      keyID: answer.keyId,
      encryptedDEKSource: answer.ciphertext,
      annotations: answer.annotations,
      encryptedDEKSourceType: sourceTypes.seed,
    };
    checkEncryptedSeed(seed);
    if (seed.keyID !== keyID) {
      throw new Error(`statusKeyIDHash="${hashOf(keyID)}", encryptKeyIDHash="${hashOf(seed.keyID)}"`);
    }
    const cipher = createSeedCipher(plain);
    this.#keep(fingerprintOf(seed), cipher);
    this.#state = { seed, cipher, expiresAt };
    this.#options.logger.info({ name: this.settings.name, key: hashOf(keyID) }, "KMS plug-in has a key to write with");
  }

  #keep(fingerprint: string, cipher: Cipher): void {
    this.#seeds.set(fingerprint, cipher);
    this.#options.metrics.noteSeeds(this.settings.name, this.#seeds.size);
  }

  encrypt(text: Uint8Array, context: string): Buffer {
    if (!this.#state) throw new Error("got unexpected nil transformer");
    const { seed, cipher, expiresAt } = this.#state;
    const now = this.#options.clock.now();
    if (now > expiresAt) {
      const hash = hashOf(seed.keyID);
      const times = `expired at ${formatTime(expiresAt)} (current time is ${formatTime(now)})`;
      throw new Error(`encryptedDEKSource with keyID hash "${hash}" ${times}`);
    }
    this.#options.metrics.noteKeyUse("to_storage", this.settings.name, seed.keyID);
    return encodeEncryptedObject({ ...seed, encryptedData: cipher.encrypt(text, context) });
  }

  decrypt(bytes: Uint8Array, context: string): Buffer {
    const object = decodeEncryptedObject(bytes);
    const cipher = this.#seeds.get(fingerprintOf(object));
    if (!cipher)
      throw new Error(`Cannot decrypt ${context}: KMS plug-in ${this.settings.name} has not decrypted its key`);
    this.#options.metrics.noteKeyUse("from_storage", this.settings.name, object.keyID);
    return cipher.decrypt(object.encryptedData, context);
  }

  /** Has the plug-in decrypt the seed of these bytes; undefined: it is known. Rejects when the plug-in did not for half a minute. */
  prepare(bytes: Uint8Array, signal?: AbortSignal): Promise<void> | undefined {
    let seed: EncryptedSeed;
    try {
      seed = decodeEncryptedObject(bytes);
    } catch {
      // `decrypt` will say it.
      return undefined;
    }
    const fingerprint = fingerprintOf(seed);
    if (this.#seeds.has(fingerprint)) return undefined;
    let fetching = this.#fetching.get(fingerprint);
    if (!fetching) {
      this.#options.metrics.noteMiss();
      fetching = this.#fetch(seed, fingerprint).finally(() => this.#fetching.delete(fingerprint));
      this.#fetching.set(fingerprint, fetching);
    }
    return abortable(fetching, signal);
  }

  async #fetch(seed: EncryptedSeed, fingerprint: string): Promise<void> {
    const { clock, logger } = this.#options;
    const { signal } = this.#stop;
    const { encryptedDEKSource: ciphertext, keyID: keyId, annotations, encryptedDEKSourceType } = seed;
    const end = clock.now() + patienceMs;
    for (;;) {
      try {
        const plain = Buffer.from(await this.#client.decrypt({ ciphertext, keyId, annotations }, signal));
        const isSeed = encryptedDEKSourceType === sourceTypes.seed;
        this.#keep(fingerprint, isSeed ? createSeedCipher(plain) : createCipher("aesgcm", plain));
        return;
      } catch (error) {
        signal.throwIfAborted();
        const about = { name: this.settings.name, key: hashOf(keyId), error: formatGrpcError(error) };
        if (clock.now() >= end) {
          const of = `by KMS plug-in ${about.name} (keyID hash "${about.key}")`;
          throw new Error(`failed to decrypt DEK ${of}, error: ${about.error}`);
        }
        logger.warn(about, "KMS plug-in did not decrypt a key, it is asked again");
        await clock.sleep(askAgainMs, signal);
      }
    }
  }

  /** Resolves when it asks for nothing more. What it knows can still be read. */
  async close(): Promise<void> {
    this.#stop.abort(new Error(`KMS plug-in ${this.settings.name} is no longer used`));
    await Promise.allSettled([this.#polling, this.#checking, ...this.#fetching.values()]);
    this.#client.close();
  }
}

function formatTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+/, "");
}
