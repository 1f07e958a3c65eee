// Encryption at rest as a running server has it: by a file that is read again when it changes, with the KMS plug-ins it names, their
// health and what is counted of them.

import { readFile } from "node:fs/promises";
import type { Transformer } from "#kubernetes/store";
import { type Clock, describeError, type Logger } from "#shared";
import type { MetricSource } from "../metrics/server-metrics.ts";
import type { HealthCheck } from "../paths/health.ts";
import { createTransformer } from "./create-transformer.ts";
import { type EncryptionRule, readEncryptionConfiguration } from "./encryption-configuration.ts";
import { hashOf } from "./kms/encrypted-object.ts";
import type { KmsSettings } from "./kms/kms-client.ts";
import { createKmsMetrics, type KmsMetrics } from "./kms/kms-metrics.ts";
import { KmsProvider } from "./kms/kms-provider.ts";
import { createReloadMetrics, type ReloadMetrics } from "./reload-metrics.ts";

export interface OpenEncryptionOptions {
  /** Tells this server from others on the same data: a part of metrics. */
  readonly apiServerId: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Encryption extends MetricSource {
  /** What objects go through on their way to the store and back; it follows the file. */
  readonly transformer: Transformer;
  /** "kms-providers": whether all KMS plug-ins are well. */
  readonly check: HealthCheck;
  /** Resolves when nothing of it is running. */
  close(): Promise<void>;
}

// Upstream's times.
const lookAtFileMs = 60_000;
const shortestTrialMs = 10_000;
const tryAgainMs = 100;

/** Reads the file and greets its plug-ins, which may be away: then writes are refused until they come. Throws a UserError for a bad file. */
export async function openEncryption(path: string, options: OpenEncryptionOptions): Promise<Encryption> {
  const text = await readFile(path, "utf8");
  const encryption = new FileEncryption(path, options);
  await encryption.open(text);
  return encryption;
}

interface Generation {
  readonly hash: string;
  readonly transformer: Transformer;
  readonly providers: readonly KmsProvider[];
}

class FileEncryption implements Encryption {
  readonly transformer: Transformer;
  readonly check: HealthCheck;
  readonly #path: string;
  readonly #options: OpenEncryptionOptions;
  readonly #metrics: KmsMetrics;
  readonly #reloads: ReloadMetrics;
  readonly #stop = new AbortController();
  #current!: Generation;
  #watching: Promise<void> | undefined;
  #retired: Promise<void>[] = [];

  constructor(path: string, options: OpenEncryptionOptions) {
    this.#path = path;
    this.#options = options;
    this.#metrics = createKmsMetrics(options.apiServerId, options.clock);
    this.#reloads = createReloadMetrics(options.apiServerId, options.clock);
    this.transformer = {
      toDisk: (fullKey, bytes) => this.#current.transformer.toDisk(fullKey, bytes),
      fromDisk: (fullKey, bytes) => this.#current.transformer.fromDisk(fullKey, bytes),
      prepare: (fullKey, bytes, signal) => this.#current.transformer.prepare?.(fullKey, bytes, signal),
    };
    this.check = { name: "kms-providers", check: () => checkAll(this.#current.providers) };
  }

  async open(text: string): Promise<void> {
    this.#current = this.#generationOf(text);
    this.#reloads.noteConfiguration(this.#current.hash);
    await Promise.all(this.#current.providers.map((provider) => provider.start()));
    this.#watching = this.#follow().catch((error: unknown) => {
      if (!this.#stop.signal.aborted) throw error;
    });
  }

  /** Plug-ins that the current one has, too, are the same: what they know stays known. */
  #generationOf(text: string): Generation {
    const hash = hashOf(text);
    const rules = readEncryptionConfiguration(text);
    const known = this.#current?.providers ?? [];
    const providers = kmsSettingsOf(rules).map(
      (settings) =>
        known.find((each) => isSame(each.settings, settings)) ??
        new KmsProvider(settings, { ...this.#options, metrics: this.#metrics }),
    );
    const transformer = createTransformer(rules, ({ name }) => providers.find((each) => each.settings.name === name)!);
    return { hash, transformer, providers };
  }

  async #follow(): Promise<void> {
    const { clock, logger } = this.#options;
    for (;;) {
      await clock.sleep(lookAtFileMs, this.#stop.signal);
      try {
        await this.#reload();
      } catch (error) {
        this.#stop.signal.throwIfAborted();
        this.#reloads.noteFailure();
        logger.error(
          { path: this.#path, error: describeError(error) },
          "the encryption configuration has changed and cannot be used, the one before stays",
        );
      }
    }
  }

  async #reload(): Promise<void> {
    const text = await readFile(this.#path, "utf8");
    const previous = this.#current;
    if (hashOf(text) === previous.hash) return;
    const next = this.#generationOf(text);
    const added = next.providers.filter((provider) => !previous.providers.includes(provider));
    try {
      await Promise.all(added.map((provider) => provider.start()));
      await this.#waitUntilWell(next.providers);
    } catch (error) {
      await Promise.all(added.map((provider) => provider.close()));
      throw error;
    }
    this.#current = next;
    this.#reloads.noteSuccess(next.hash);
    this.#options.logger.info({ path: this.#path }, "the encryption configuration was read anew");
    const dropped = previous.providers.filter((provider) => !next.providers.includes(provider));
    this.#retired.push(...dropped.map((provider) => provider.close()));
  }

  async #waitUntilWell(providers: readonly KmsProvider[]): Promise<void> {
    const { clock } = this.#options;
    const patience = 2 * providers.reduce((sum, { settings }) => sum + settings.timeoutMs, 0);
    const end = clock.now() + Math.max(patience, shortestTrialMs);
    for (;;) {
      try {
        return await checkAll(providers);
      } catch (error) {
        if (clock.now() >= end) throw error;
        await clock.sleep(tryAgainMs, this.#stop.signal);
      }
    }
  }

  write(exposition: Parameters<MetricSource["write"]>[0]): void {
    this.#metrics.write(exposition);
    this.#reloads.write(exposition);
  }

  async close(): Promise<void> {
    this.#stop.abort(new Error("encryption is closed"));
    await this.#watching;
    await Promise.all([...this.#retired, ...this.#current.providers.map((provider) => provider.close())]);
  }
}

function kmsSettingsOf(rules: readonly EncryptionRule[]): KmsSettings[] {
  return rules.flatMap(({ providers }) =>
    providers.flatMap((provider) => (provider.kind === "kms" ? [provider.settings] : [])),
  );
}

function isSame(one: KmsSettings, other: KmsSettings): boolean {
  return one.name === other.name && one.endpoint === other.endpoint && one.timeoutMs === other.timeoutMs;
}

/** Rejects with what all that are unwell say. */
async function checkAll(providers: readonly KmsProvider[]): Promise<void> {
  const outcomes = await Promise.allSettled(providers.map((provider) => provider.check()));
  const problems = outcomes.flatMap((outcome, index) =>
    outcome.status === "rejected" ? [`kms-provider-${index}: ${describeError(outcome.reason)}`] : [],
  );
  if (problems.length > 0) throw new Error(problems.length === 1 ? problems[0] : `[${problems.join(", ")}]`);
}
