// The messages of values that JSON writes in one of two forms (JSONSchemaPropsOr…), and of lists that have one of their own.

import { wireBytes, wireVarint } from "./reader.ts";
import { message, tagOf, type ValueCodec } from "./value-codec.ts";

/** Lists of strings in a message of their own: Verbs, ExtraValue. */
export function wrappedListCodec(item: ValueCodec): ValueCodec {
  return message<readonly unknown[]>(
    (reader) => {
      const items: unknown[] = [];
      while (reader.at < reader.end) {
        const tag = reader.readVarint();
        if (tag === tagOf(1, wireBytes)) items.push(item.read(reader));
        else reader.skip(tag & 7);
      }
      return items;
    },
    (writer, items) => {
      for (const one of items.toReversed()) {
        item.write(writer, one as never);
        writer.writeVarint(tagOf(1, wireBytes));
      }
    },
  );
}

/** An object, or whether anything is allowed: JSONSchemaPropsOrBool. */
export function objectOrBoolCodec(object: ValueCodec): ValueCodec {
  return message<unknown>(
    (reader) => {
      let value: unknown = false;
      while (reader.at < reader.end) {
        const tag = reader.readVarint();
        if (tag === tagOf(2, wireBytes)) value = object.read(reader);
        else if (tag === tagOf(1, wireVarint)) {
          const allows = reader.readBool();
          if (typeof value === "boolean") value = allows;
        } else reader.skip(tag & 7);
      }
      return value;
    },
    (writer, value) => {
      if (typeof value !== "boolean") {
        object.write(writer, value as never);
        writer.writeVarint(tagOf(2, wireBytes));
      }
      writer.writeVarint(value === false ? 0 : 1);
      writer.writeVarint(tagOf(1, wireVarint));
    },
  );
}

/** An object, or a list of items: JSONSchemaPropsOrArray and JSONSchemaPropsOrStringArray. */
export function objectOrListCodec(object: ValueCodec, item: ValueCodec): ValueCodec {
  return message<unknown>(
    (reader) => {
      let value: unknown;
      const items: unknown[] = [];
      while (reader.at < reader.end) {
        const tag = reader.readVarint();
        if (tag === tagOf(1, wireBytes)) value = object.read(reader);
        else if (tag === tagOf(2, wireBytes)) items.push(item.read(reader));
        else reader.skip(tag & 7);
      }
      return items.length > 0 ? items : value;
    },
    (writer, value) => {
      const isList = Array.isArray(value);
      for (const one of isList ? value.toReversed() : [value]) {
        (isList ? item : object).write(writer, one as never);
        writer.writeVarint(tagOf(isList ? 2 : 1, wireBytes));
      }
    },
  );
}
