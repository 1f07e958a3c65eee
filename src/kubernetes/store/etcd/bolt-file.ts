// As much of bbolt's file format as a change of one small bucket takes: the file of etcd's data and of its snapshots. Pages are read and
// written one by one; nothing else may have the file open. Format: go.etcd.io/bbolt, page.go and bucket.go.

import type { FileHandle } from "node:fs/promises";

/** How a file is not what it should be, in words that follow "it is damaged: ". */
export class BoltFormatError extends Error {}

export interface BoltEntry {
  readonly key: Buffer;
  readonly value: Buffer;
}

const metaMagic = 0xed0cdaed;
const metaVersion = 2;
const pageHeader = 16;
const metaBytes = 64;
const elementBytes = 16;
const bucketHeader = 16;
const isBranch = 0x01;
const isLeaf = 0x02;

interface Page {
  readonly isBranch: boolean;
  readonly count: number;
  /** How many pages it takes in the file; 0 inside a bucket's value. */
  readonly pages: number;
  /** Header and all. */
  readonly bytes: Buffer;
}

/** A bucket's root: a page of its own, or one inside its parent's entry. */
interface Bucket {
  /** Where its header stands in the file. */
  readonly at: number;
  readonly rootPage: number;
  readonly inline: Page | undefined;
}

export class BoltFile {
  readonly #file: FileHandle;
  /** The header and the meta of the newest transaction. */
  #meta: Buffer;
  readonly #pageSize: number;

  private constructor(file: FileHandle, meta: Buffer, pageSize: number) {
    this.#file = file;
    this.#meta = meta;
    this.#pageSize = pageSize;
  }

  /** Throws a BoltFormatError where the file is none of bbolt's. */
  static async open(file: FileHandle): Promise<BoltFile> {
    const first = await readMeta(file, 0);
    const pageSize = first?.readUInt32LE(pageHeader + 8) ?? 4096;
    const second = await readMeta(file, pageSize);
    const [newest] = [first, second]
      .filter((meta) => meta !== undefined)
      .toSorted((one, other) => Number(transactionOf(other) - transactionOf(one)));
    if (!newest) throw new BoltFormatError("it has no meta page");
    return new BoltFile(file, newest, newest.readUInt32LE(pageHeader + 8));
  }

  /** How long the file is as far as anybody looks. */
  get length(): number {
    return this.#highWater * this.#pageSize;
  }

  get #highWater(): number {
    return Number(this.#meta.readBigUInt64LE(pageHeader + 40));
  }

  /** The last entry of a bucket, by the order of keys; undefined where it has none. */
  async lastEntry(name: string): Promise<BoltEntry | undefined> {
    const bucket = await this.#bucket(name);
    let page = bucket.inline ?? (await this.#readPage(bucket.rootPage));
    while (page.isBranch) page = await this.#readPage(childOf(page, page.count - 1));
    return page.count === 0 ? undefined : leafEntry(page, page.count - 1);
  }

  /** Puts these entries into a bucket whose keys are few enough for one page. */
  async put(name: string, entries: readonly BoltEntry[]): Promise<void> {
    const bucket = await this.#bucket(name);
    const page = bucket.inline ?? (await this.#readPage(bucket.rootPage));
    if (page.isBranch) throw new BoltFormatError(`bucket ${name} has more than one page`);
    const known = Array.from({ length: page.count }, (_, index) => leafEntry(page, index));
    const others = known.filter(({ key }) => entries.every((entry) => !entry.key.equals(key)));
    const after = [...others, ...entries].toSorted((one, other) => one.key.compare(other.key));
    const fits = leafBytes(after) <= page.pages * this.#pageSize;
    if (fits) return this.#writeLeaf(bucket.rootPage, page.pages, after);
    // Its old page, if it had one, stays unused: bbolt finds it when it makes its list of free pages.
    const [at, pages] = [this.#highWater, Math.ceil(leafBytes(after) / this.#pageSize)];
    await this.#writeLeaf(at, pages, after);
    const root = Buffer.alloc(8);
    root.writeBigUInt64LE(BigInt(at));
    await writeAt(this.#file, root, bucket.at);
    await this.#grow(pages);
  }

  /** The page of the root bucket that a name would stand in has its header. */
  async #bucket(name: string): Promise<Bucket> {
    const key = Buffer.from(name);
    let number = Number(this.#meta.readBigUInt64LE(pageHeader + 16));
    let page = await this.#readPage(number);
    while (page.isBranch) {
      let index = page.count - 1;
      while (index > 0 && branchKey(page, index).compare(key) > 0) index--;
      number = childOf(page, index);
      page = await this.#readPage(number);
    }
    for (let index = 0; index < page.count; index++) {
      const entry = leafEntry(page, index);
      if (!entry.key.equals(key)) continue;
      if (entry.value.length < bucketHeader) break;
      const rootPage = Number(entry.value.readBigUInt64LE(0));
      const at = number * this.#pageSize + (entry.value.byteOffset - page.bytes.byteOffset);
      const inline = rootPage === 0 ? parsePage(entry.value.subarray(bucketHeader), 0) : undefined;
      return { at, rootPage, inline };
    }
    throw new BoltFormatError(`it has no bucket ${name}`);
  }

  async #readPage(number: number): Promise<Page> {
    const header = await readAt(this.#file, number * this.#pageSize, pageHeader);
    const pages = header.readUInt32LE(12) + 1;
    if (number + pages > this.#highWater) throw new BoltFormatError(`page ${number} is outside of it`);
    return parsePage(await readAt(this.#file, number * this.#pageSize, pages * this.#pageSize), pages);
  }

  async #writeLeaf(number: number, pages: number, entries: readonly BoltEntry[]): Promise<void> {
    const bytes = Buffer.alloc(pages * this.#pageSize);
    bytes.writeBigUInt64LE(BigInt(number), 0);
    bytes.writeUInt16LE(isLeaf, 8);
    bytes.writeUInt16LE(entries.length, 10);
    bytes.writeUInt32LE(pages - 1, 12);
    let data = pageHeader + entries.length * elementBytes;
    for (const [index, { key, value }] of entries.entries()) {
      const element = pageHeader + index * elementBytes;
      bytes.writeUInt32LE(data - element, element + 4);
      bytes.writeUInt32LE(key.length, element + 8);
      bytes.writeUInt32LE(value.length, element + 12);
      data += key.copy(bytes, data);
      data += value.copy(bytes, data);
    }
    await writeAt(this.#file, bytes, number * this.#pageSize);
  }

  /** Both metas, as bbolt writes them into a copy: the newest transaction's, and one that was before it. */
  async #grow(pages: number): Promise<void> {
    const meta = Buffer.from(this.#meta);
    meta.writeBigUInt64LE(BigInt(this.#highWater + pages), pageHeader + 40);
    this.#meta = meta;
    for (const number of [0, 1]) {
      const copy = Buffer.from(meta);
      copy.writeBigUInt64LE(BigInt(number), 0);
      copy.writeBigUInt64LE(transactionOf(meta) - BigInt(number), pageHeader + 48);
      copy.writeBigUInt64LE(fnv1a(copy.subarray(pageHeader, pageHeader + 56)), pageHeader + 56);
      await writeAt(this.#file, copy, number * this.#pageSize);
    }
  }
}

async function readMeta(file: FileHandle, at: number): Promise<Buffer | undefined> {
  const bytes = await readAt(file, at, pageHeader + metaBytes).catch(() => undefined);
  if (!bytes || bytes.readUInt32LE(pageHeader) !== metaMagic) return undefined;
  if (bytes.readUInt32LE(pageHeader + 4) !== metaVersion) return undefined;
  const isWhole = bytes.readBigUInt64LE(pageHeader + 56) === fnv1a(bytes.subarray(pageHeader, pageHeader + 56));
  return isWhole ? bytes : undefined;
}

function transactionOf(meta: Buffer): bigint {
  return meta.readBigUInt64LE(pageHeader + 48);
}

function parsePage(bytes: Buffer, pages: number): Page {
  const flags = bytes.readUInt16LE(8);
  if (flags !== isBranch && flags !== isLeaf) throw new BoltFormatError("a page is of no known kind");
  return { isBranch: flags === isBranch, count: bytes.readUInt16LE(10), pages, bytes };
}

function leafEntry({ bytes }: Page, index: number): BoltEntry {
  const element = pageHeader + index * elementBytes;
  const at = element + bytes.readUInt32LE(element + 4);
  const [keyLength, valueLength] = [bytes.readUInt32LE(element + 8), bytes.readUInt32LE(element + 12)];
  if (at + keyLength + valueLength > bytes.length) throw new BoltFormatError("an entry reaches beyond its page");
  return {
    key: bytes.subarray(at, at + keyLength),
    value: bytes.subarray(at + keyLength, at + keyLength + valueLength),
  };
}

function branchKey({ bytes }: Page, index: number): Buffer {
  const element = pageHeader + index * elementBytes;
  const at = element + bytes.readUInt32LE(element);
  return bytes.subarray(at, at + bytes.readUInt32LE(element + 4));
}

function childOf({ bytes }: Page, index: number): number {
  return Number(bytes.readBigUInt64LE(pageHeader + index * elementBytes + 8));
}

function leafBytes(entries: readonly BoltEntry[]): number {
  return entries.reduce((sum, { key, value }) => sum + elementBytes + key.length + value.length, pageHeader);
}

/** FNV-1a, 64 bits. */
function fnv1a(bytes: Buffer): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  return hash;
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, position);
  if (bytesRead < length) throw new BoltFormatError("it is cut short");
  return bytes;
}

async function writeAt(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  }
}
