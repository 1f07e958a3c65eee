// Removes images nobody uses when their disk fills up: the longest unused first, until enough is free. Images that came from no
// registry are kept, since they could not be pulled again.

import { type Clock, describeError, type Logger } from "#shared";
import type { CriClient } from "../cri/cri-client.ts";
import type { CriAnswer } from "../cri/protocol.ts";
import type { ImageGcOptions } from "../options.ts";

export const defaultImageGc: ImageGcOptions = { highPercent: 85, lowPercent: 80, minimumAgeSeconds: 120 };

export interface ImageRecord {
  readonly firstSeenAt: number;
  readonly lastUsedAt: number;
}

/** Which images to remove to free so many bytes. Pure. */
export function chooseImages(
  images: readonly CriAnswer<"Image">[],
  records: ReadonlyMap<string, ImageRecord>,
  inUse: ReadonlySet<string>,
  wanted: { readonly bytes: number; readonly usedBefore: number },
): CriAnswer<"Image">[] {
  const removable = images
    .filter(({ id, pinned, repoDigests }) => !pinned && !inUse.has(id) && repoDigests.length > 0)
    .map((image) => ({ image, record: records.get(image.id) }))
    .filter(({ record }) => record !== undefined && record.firstSeenAt <= wanted.usedBefore)
    .sort((a, b) => a.record!.lastUsedAt - b.record!.lastUsedAt || a.record!.firstSeenAt - b.record!.firstSeenAt);
  const chosen: CriAnswer<"Image">[] = [];
  let freed = 0;
  for (const { image } of removable) {
    if (freed >= wanted.bytes) break;
    chosen.push(image);
    freed += image.size;
  }
  return chosen;
}

export interface ImageGc {
  /** Looks at the disk, and frees what is over the limit. Never throws. */
  check(disk: { readonly capacityBytes: number; readonly availableBytes: number }): Promise<void>;
  /** Removes every image nobody uses. */
  freeAll(): Promise<void>;
}

export function createImageGc(
  cri: CriClient,
  clock: Clock,
  logger: Logger,
  options: ImageGcOptions = defaultImageGc,
): ImageGc {
  const records = new Map<string, ImageRecord>();

  /** The images there are, and those that containers use; remembers when each was first and last seen in use. */
  const look = async () => {
    const [{ images }, { containers }] = await Promise.all([
      cri.call("ListImages", {}),
      cri.call("ListContainers", {}),
    ]);
    const inUse = new Set(
      containers.flatMap(({ imageRef, image, imageId }) => [imageRef, imageId, image?.image ?? ""]),
    );
    const now = clock.now();
    const present = new Set(images.map(({ id }) => id));
    for (const id of records.keys()) if (!present.has(id)) records.delete(id);
    for (const { id } of images) {
      const known = records.get(id);
      const lastUsedAt = inUse.has(id) ? now : (known?.lastUsedAt ?? 0);
      records.set(id, { firstSeenAt: known?.firstSeenAt ?? now, lastUsedAt });
    }
    return { images, inUse };
  };

  const free = async (bytes: number): Promise<void> => {
    const { images, inUse } = await look();
    const usedBefore = clock.now() - options.minimumAgeSeconds * 1000;
    for (const { id, repoDigests, size } of chooseImages(images, records, inUse, { bytes, usedBefore })) {
      logger.info({ image: repoDigests[0], size }, "image removed to free disk space");
      await cri.call("RemoveImage", { image: { image: id } });
    }
  };

  const quietly = async (work: Promise<void>): Promise<void> => {
    await work.catch((error) => logger.warn({ error: describeError(error) }, "images not removed"));
  };

  return {
    async check({ capacityBytes, availableBytes }) {
      const usedPercent = capacityBytes === 0 ? 0 : 100 - (availableBytes * 100) / capacityBytes;
      if (usedPercent < options.highPercent) return;
      const bytes = (capacityBytes * (100 - options.lowPercent)) / 100 - availableBytes;
      await quietly(free(bytes));
    },
    freeAll: () => quietly(free(Number.POSITIVE_INFINITY)),
  };
}
