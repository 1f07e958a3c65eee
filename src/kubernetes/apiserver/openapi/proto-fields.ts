// Protobuf fields as byte strings that are put together: enough for documents that are encoded once in a while.

const none = new Uint8Array();

export function joinFields(parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}

/** A message, or a string already in bytes, with its tag and length. */
export function field(tag: number, parts: readonly Uint8Array[]): Uint8Array {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([varint(tag * 8 + 2), varint(size), ...parts]);
}

/** A string; nothing where it is absent or empty. */
export function text(tag: number, value: string | undefined): Uint8Array {
  return value ? field(tag, [Buffer.from(value)]) : none;
}

export function texts(tag: number, values: readonly string[] | undefined): Uint8Array[] {
  return (values ?? []).map((value) => field(tag, [Buffer.from(value)]));
}

export function flag(tag: number, value: boolean | undefined): Uint8Array {
  return value ? Buffer.concat([varint(tag * 8), varint(1)]) : none;
}

/** A number of at least 0. */
export function integer(tag: number, value: number): Uint8Array {
  return Buffer.concat([varint(tag * 8), varint(value)]);
}

export function number(tag: number, value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([varint(tag * 8 + 1), bytes]);
}

/** gnostic's entry of a map: a name and a value. */
export function named(tag: number, name: string, value: readonly Uint8Array[]): Uint8Array {
  return field(tag, [field(1, [Buffer.from(name)]), field(2, value)]);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}
