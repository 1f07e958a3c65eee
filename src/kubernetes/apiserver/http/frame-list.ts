// Lists as JSON without parsing what is in them: the stored bytes of every object, between a head and a tail, copied into a few
// large pieces.

import { encodeJson } from "#kubernetes/api";
import type { Document, ListAnswer } from "../call.ts";

/** The list's bytes in pieces. Objects of built-in kinds lose kind and apiVersion within lists, as upstream's. */
export function frameList({ resource, items, metadata }: ListAnswer): Uint8Array[] {
  const pieces = new PieceWriter();
  pieces.write(
    Buffer.from(
      `{"kind":${JSON.stringify(resource.listKind)},"apiVersion":${JSON.stringify(resource.apiVersion)},"metadata":${JSON.stringify(metadata)},"items":[`,
    ),
  );
  const prefix = resource.custom ? undefined : typePrefix(resource.apiVersion, resource.info.kind);
  let separator = "";
  for (const item of items) {
    pieces.writeText(separator);
    if (prefix) writeWithoutType(pieces, item, prefix);
    else pieces.write(bytesOf(item));
    separator = ",";
  }
  pieces.writeText("]}\n");
  return pieces.finish();
}

/** How the JSON of every object of the kind begins. */
function typePrefix(apiVersion: string, kind: string): Buffer {
  return Buffer.from(`{"apiVersion":${JSON.stringify(apiVersion)},"kind":${JSON.stringify(kind)},`);
}

function writeWithoutType(pieces: PieceWriter, item: Document, prefix: Buffer): void {
  const bytes = bytesOf(item);
  if (startsWith(bytes, prefix)) {
    pieces.writeText("{");
    pieces.write(bytes, prefix.length);
    return;
  }
  const { apiVersion: _version, kind: _kind, ...rest } = item.object as Record<string, unknown>;
  pieces.write(Buffer.from(encodeJson(rest)));
}

function startsWith(bytes: Uint8Array, prefix: Buffer): boolean {
  if (bytes.length <= prefix.length) return false;
  for (let index = 0; index < prefix.length; index++) if (bytes[index] !== prefix[index]) return false;
  return true;
}

/** The document's JSON. */
export function bytesOf(document: Document): Uint8Array {
  return document.bytes ?? Buffer.from(encodeJson(document.object));
}

const pieceBytes = 1024 * 1024;
const firstPieceBytes = 16 * 1024;

/** Copies bytes one after the other into pieces of a megabyte; what is longer than that stays a piece of its own. */
class PieceWriter {
  readonly #pieces: Uint8Array[] = [];
  #current = Buffer.allocUnsafe(firstPieceBytes);
  #length = 0;

  write(bytes: Uint8Array, from = 0): void {
    const size = bytes.length - from;
    if (size > this.#current.length - this.#length) {
      this.#close();
      if (size > pieceBytes) {
        this.#pieces.push(bytes.subarray(from));
        return;
      }
    }
    (bytes as Buffer).copy(this.#current, this.#length, from);
    this.#length += size;
  }

  writeText(text: string): void {
    if (text.length > this.#current.length - this.#length) this.#close();
    this.#length += this.#current.write(text, this.#length, "latin1");
  }

  finish(): Uint8Array[] {
    if (this.#length > 0) this.#pieces.push(this.#current.subarray(0, this.#length));
    return this.#pieces;
  }

  #close(): void {
    if (this.#length > 0) this.#pieces.push(this.#current.subarray(0, this.#length));
    this.#current = Buffer.allocUnsafe(pieceBytes);
    this.#length = 0;
  }
}
