// Writes protobuf's wire format from the last byte to the first: when a length is written, what it counts is already there, so
// nothing is measured beforehand.

/** Shorter strings are cheaper to write character by character. */
const longestByHand = 24;

export class ProtobufWriter {
  #buffer = Buffer.allocUnsafeSlow(64 * 1024);
  #at = this.#buffer.length;

  /** How many bytes are written: a mark from which lengths are counted. */
  get written(): number {
    return this.#buffer.length - this.#at;
  }

  /** A copy of what was written since `mark`, which is forgotten. */
  takeFrom(mark: number): Buffer {
    const end = this.#buffer.length - mark;
    const bytes = Buffer.allocUnsafeSlow(end - this.#at);
    this.#buffer.copy(bytes, 0, this.#at, end);
    this.#at = end;
    if (mark === 0 && this.#buffer.length > largestKept) this.#reset();
    return bytes;
  }

  /** Forgets what was written since `mark`. */
  rewind(mark: number): void {
    this.#at = this.#buffer.length - mark;
  }

  /** The length of what was written since `mark`. */
  writeLengthSince(mark: number): void {
    this.writeVarint(this.written - mark);
  }

  /** An unsigned number of up to 32 bits. */
  writeVarint(value: number): void {
    if (value < 0x80) {
      this.#reserve(1);
      this.#buffer[--this.#at] = value;
      return;
    }
    const size = value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5;
    this.#reserve(size);
    this.#at -= size;
    for (let at = this.#at; at < this.#at + size; at++) {
      const isLast = at === this.#at + size - 1;
      this.#buffer[at] = isLast ? value : (value & 0x7f) | 0x80;
      value >>>= 7;
    }
  }

  /** A signed number of up to 64 bits. */
  writeInt(value: number): void {
    if (value >= 0 && value <= 0xffffffff) this.writeVarint(value);
    else this.#writeLong(value);
  }

  #writeLong(value: number): void {
    let low = ((value % 2 ** 32) + 2 ** 32) % 2 ** 32;
    let high = Math.floor(value / 2 ** 32) >>> 0;
    const bytes: number[] = [];
    while (high > 0 || low > 0x7f) {
      bytes.push((low & 0x7f) | 0x80);
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    this.writeRaw([...bytes, low]);
  }

  writeDouble(value: number): void {
    this.#reserve(8);
    this.#at -= 8;
    this.#buffer.writeDoubleLE(value, this.#at);
  }

  /** A string with its length. */
  writeString(text: string): void {
    const mark = this.written;
    if (text.length > longestByHand || !this.#writeShort(text)) {
      const size = Buffer.byteLength(text);
      this.#reserve(size);
      this.#at -= size;
      this.#buffer.write(text, this.#at, "utf8");
    }
    this.writeLengthSince(mark);
  }

  /** Bytes with their length. */
  writeBytes(bytes: Uint8Array): void {
    this.writeRaw(bytes);
    this.writeVarint(bytes.length);
  }

  writeRaw(bytes: Uint8Array | readonly number[]): void {
    this.#reserve(bytes.length);
    this.#at -= bytes.length;
    this.#buffer.set(bytes, this.#at);
  }

  /** Writes ASCII; answers false, having written nothing, where there is more than that. */
  #writeShort(text: string): boolean {
    this.#reserve(text.length);
    const start = this.#at - text.length;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code >= 0x80) return false;
      this.#buffer[start + index] = code;
    }
    this.#at = start;
    return true;
  }

  #reserve(size: number): void {
    if (size <= this.#at) return;
    const written = this.written;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, written + size));
    this.#buffer.copy(larger, larger.length - written, this.#at);
    this.#buffer = larger;
    this.#at = larger.length - written;
  }

  #reset(): void {
    this.#buffer = Buffer.allocUnsafeSlow(64 * 1024);
    this.#at = this.#buffer.length;
  }
}

/** A larger buffer, left by a large list, is not kept. */
const largestKept = 4 * 1024 * 1024;
