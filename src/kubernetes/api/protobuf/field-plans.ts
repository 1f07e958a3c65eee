// The kinds of fields a message has: single values, lists, maps, embedded messages.

import { type FieldPlan, type Message, type MessagePlan, readMessage, writeMessage } from "./message.ts";
import { wireBytes, wireVarint } from "./reader.ts";
import { message, scalarCodecs, tagOf, type ValueCodec } from "./value-codec.ts";

/** A field and the tags under which it comes. */
export interface TaggedPlan {
  readonly plan: FieldPlan;
  readonly tags: ReadonlyMap<number, FieldPlan>;
}

/** `keepsZero`: a zero on the wire was set; else it cannot be told from none, and is none. */
export function planSingle(name: string, number: number, codec: ValueCodec, keepsZero: boolean): TaggedPlan {
  const tag = tagOf(number, codec.wire);
  return tagged(tag, {
    number,
    read(reader, object) {
      const value = codec.read(reader);
      if (value === undefined || (!keepsZero && (value === "" || value === 0 || value === false))) return;
      object[name] = value;
    },
    write(writer, object) {
      codec.write(writer, object[name] as never);
      writer.writeVarint(tag);
    },
  });
}

export function planList(name: string, number: number, codec: ValueCodec): TaggedPlan {
  const tag = tagOf(number, codec.wire);
  const listOf = (object: Message): unknown[] => {
    object[name] ??= [];
    return object[name] as unknown[];
  };
  const { plan, tags } = tagged(tag, {
    number,
    read(reader, object) {
      listOf(object).push(codec.read(reader) ?? null);
    },
    write(writer, object) {
      const items = object[name] as readonly never[];
      for (let index = items.length - 1; index >= 0; index--) {
        codec.write(writer, items[index]!);
        writer.writeVarint(tag);
      }
    },
  });
  if (codec.wire !== wireVarint) return { plan, tags };
  // Upstream writes lists of numbers one by one, but reads them packed, too.
  const packed: FieldPlan = {
    ...plan,
    read(reader, object) {
      const outer = reader.enter();
      while (reader.at < reader.end) listOf(object).push(codec.read(reader));
      reader.leave(outer);
    },
  };
  return { plan, tags: new Map([...tags, [tagOf(number, wireBytes), packed]]) };
}

/** A map travels as a list of messages with key and value; keys in order, as upstream writes them. */
export function planMap(name: string, number: number, codec: ValueCodec): TaggedPlan {
  const entry = entryCodec(codec);
  const tag = tagOf(number, wireBytes);
  return tagged(tag, {
    number,
    read(reader, object) {
      const { key, value } = entry.read(reader) as Entry;
      object[name] ??= {};
      setOwn(object[name] as Message, key, value);
    },
    write(writer, object) {
      const map = object[name] as Message;
      for (const key of Object.keys(map).sort().reverse()) {
        entry.write(writer, { key, value: map[key] } as never);
        writer.writeVarint(tag);
      }
    },
  });
}

/** A message whose fields are the object's own: upstream's embedded structs. */
export function planEmbedded(number: number, inner: MessagePlan): TaggedPlan {
  const tag = tagOf(number, wireBytes);
  return tagged(tag, {
    number,
    read(reader, object) {
      const outer = reader.enter();
      readMessage(reader, inner, object);
      reader.leave(outer);
    },
    write(writer, object) {
      const mark = writer.written;
      writeMessage(writer, inner, object);
      writer.writeLengthSince(mark);
      writer.writeVarint(tag);
    },
  });
}

function tagged(tag: number, plan: FieldPlan): TaggedPlan {
  return { plan, tags: new Map([[tag, plan]]) };
}

interface Entry {
  readonly key: string;
  readonly value: unknown;
}

function entryCodec(codec: ValueCodec): ValueCodec {
  const [keyTag, valueTag] = [tagOf(1, wireBytes), tagOf(2, codec.wire)];
  return message<Entry>(
    (reader): Entry => {
      let key = "";
      let value: unknown;
      while (reader.at < reader.end) {
        const tag = reader.readVarint();
        if (tag === keyTag) key = reader.readString();
        else if (tag === valueTag) value = codec.read(reader);
        else reader.skip(tag & 7);
      }
      return { key, value: value ?? zeroOf(codec) };
    },
    (writer, { key, value }) => {
      codec.write(writer, value as never);
      writer.writeVarint(valueTag);
      writer.writeString(key);
      writer.writeVarint(keyTag);
    },
  );
}

/** What a map's entry holds that came without a value. */
function zeroOf(codec: ValueCodec): unknown {
  if (codec === scalarCodecs.quantity) return "0";
  return codec === scalarCodecs.string || codec === scalarCodecs.bytes ? "" : {};
}

function setOwn(object: Message, key: string, value: unknown): void {
  if (key !== "__proto__") object[key] = value;
  else Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}
