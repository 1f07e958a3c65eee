// The store on this machine's disk: a log of all changes, and now and then a snapshot, so that the log stays short.

import { join } from "node:path";
import { describeError, type Logger, silentLogger, systemClock } from "#shared";
import {
  assembleStore,
  type LocalLog,
  type LocalStore,
  type LocalStoreOptions,
  makeObjectFactory,
} from "./local-store.ts";
import { LogWriter, snapshotName } from "./log/log-writer.ts";
import type { StoreRecord } from "./log/record.ts";
import { type Recovered, recover } from "./log/recover.ts";
import { writeSnapshot } from "./log/snapshot-file.ts";
import { nodeFiles, type StoreFiles } from "./log/store-files.ts";
import type { Transformer } from "./store.ts";
import type { VersionedIndex } from "./versioned-index.ts";

export interface EmbeddedStoreOptions extends LocalStoreOptions {
  /** Holds the store and nothing else; made where missing. One process at a time. */
  readonly folder: string;
  /** What objects go through on their way to the disk and back. Default: they are written as they are. */
  readonly transformer?: Transformer;
  /** Gives up opening when it fires. */
  readonly signal?: AbortSignal;
  readonly log?: LogLimits;
  /** Default: the machine's files. */
  readonly files?: StoreFiles;
}

export interface LogLimits {
  /** The log is a row of files of about this size. Default 8 MiB. */
  readonly segmentBytes?: number;
  /** A log longer than this, and than the last snapshot, makes a new snapshot. Default 32 MiB. */
  readonly snapshotBytes?: number;
  /** So much of the log stays beside a new snapshot, for watches that resume after a restart. Default 16 MiB. */
  readonly historyBytes?: number;
}

/**
 * Opens the store in a folder, as it was when the last write was acknowledged. Throws a UserError when another process has it
 * open, or when its files are damaged anywhere but in a last write that did not finish.
 */
export async function openEmbeddedStore(options: EmbeddedStoreOptions): Promise<LocalStore> {
  const { folder, files = nodeFiles, transformer, signal, freeze } = options;
  const { history = {}, clock = systemClock, logger = silentLogger } = options;
  signal?.throwIfAborted();
  await files.makeFolder(folder);
  const unlock = await files.lock(folder);
  try {
    const makeObject = makeObjectFactory(freeze);
    const start = performance.now();
    const recovered = await recover(folder, { files, makeObject, history, clock, logger, transformer, signal });
    const { index } = recovered;
    logger.info({ folder, revision: index.revision, ms: Math.round(performance.now() - start) }, "store opened");
    const log = new SnapshottedLog(recovered, {
      folder,
      files,
      transformer,
      logger,
      limits: options.log ?? {},
      unlock,
    });
    return assembleStore({ index, log, transformer, files, history, freeze, clock, logger });
  } catch (error) {
    await unlock();
    throw error;
  }
}

interface SnapshottedLogOptions {
  readonly folder: string;
  readonly files: StoreFiles;
  readonly transformer: Transformer | undefined;
  readonly logger: Logger;
  readonly limits: LogLimits;
  readonly unlock: () => Promise<void>;
}

/** The log, and the snapshots that let its old segments go. */
class SnapshottedLog implements LocalLog {
  readonly #options: SnapshottedLogOptions;
  readonly #limits: Required<LogLimits>;
  readonly #index: VersionedIndex;
  readonly #writer: LogWriter;
  readonly #stop = new AbortController();
  #snapshot: Recovered["snapshot"];
  #snapshotting: Promise<void> | undefined;

  constructor({ index, segments, file, snapshot }: Recovered, options: SnapshottedLogOptions) {
    const { folder, files, limits } = options;
    this.#options = options;
    this.#limits = { segmentBytes: 8 * mebibyte, snapshotBytes: 32 * mebibyte, historyBytes: 16 * mebibyte, ...limits };
    this.#index = index;
    this.#snapshot = snapshot;
    const { segmentBytes } = this.#limits;
    const onSegment = () => this.#snapshotIfDue();
    this.#writer = new LogWriter({ files, folder, segments, file, segmentBytes, onSegment });
  }

  add(record: StoreRecord): void {
    this.#writer.add(record);
  }

  flush(): Promise<void> {
    return this.#writer.flush();
  }

  /** Called between two segments: all that the log holds is visible then, and the new segment is empty. */
  #snapshotIfDue(): void {
    if (this.#snapshotting || this.#stop.signal.aborted) return;
    if (this.#logBytesAfter(this.#snapshot.revision) < Math.max(this.#limits.snapshotBytes, this.#snapshot.size))
      return;
    this.#snapshotting = this.#takeSnapshot(this.#chooseRevision())
      .catch((error: unknown) => {
        if (this.#stop.signal.aborted) return;
        this.#options.logger.warn({ error: describeError(error) }, "the snapshot failed, the log stays longer");
      })
      .finally(() => {
        this.#snapshotting = undefined;
      });
  }

  /** The beginning of the oldest segment that may stay: the index can roll back to there, and what follows is not too long. */
  #chooseRevision(): number {
    const { oldest } = this.#index;
    const isFit = (revision: number) =>
      revision >= oldest && this.#logBytesAfter(revision) <= this.#limits.historyBytes;
    const begins = this.#writer.segments
      .map(({ first }) => first - 1)
      .filter((begin) => begin > this.#snapshot.revision);
    return begins.find(isFit) ?? begins.at(-1)!;
  }

  /** How long the segments are that begin after the revision. */
  #logBytesAfter(revision: number): number {
    let bytes = 0;
    for (const segment of this.#writer.segments) if (segment.first > revision) bytes += segment.size;
    return bytes;
  }

  async #takeSnapshot(revision: number): Promise<void> {
    const { folder, files, transformer, logger } = this.#options;
    const start = performance.now();
    const previous = join(folder, snapshotName(this.#snapshot.revision));
    const captured = this.#index.capture(revision);
    const path = join(folder, snapshotName(revision));
    const size = await writeSnapshot(path, captured, { files, revision, transformer, signal: this.#stop.signal });
    this.#snapshot = { revision, size };
    if (previous !== path) await files.remove(previous);
    await this.#writer.removeUpTo(revision);
    logger.debug({ revision, size, ms: Math.round(performance.now() - start) }, "snapshot taken");
  }

  async close(failed: boolean): Promise<void> {
    this.#stop.abort(new Error("the store is closed"));
    try {
      await this.#snapshotting;
      await this.#writer.close(failed);
    } finally {
      await this.#options.unlock();
    }
  }
}

const mebibyte = 1024 * 1024;
