// Messages as tables of fields: reading and writing by such a table. message-plan.ts makes them out of schemas.

import { ProtobufError, type ProtobufReader } from "./reader.ts";
import { message, type ValueCodec } from "./value-codec.ts";
import type { ProtobufWriter } from "./writer.ts";

export type Message = Record<string, unknown>;

/** One field on the wire; an embedded message stands for all fields in it. */
export interface FieldPlan {
  readonly number: number;
  /** Reads the field, whose tag was read, into the object. */
  read(reader: ProtobufReader, object: Message): void;
  /** Writes it with its tag. */
  write(writer: ProtobufWriter, object: Message): void;
}

export interface MessagePlan {
  /** Indexed by tag: numbers are small. */
  readonly byTag: readonly (FieldPlan | undefined)[];
  readonly byName: ReadonlyMap<string, FieldPlan>;
}

/** Reads fields up to the reader's end into the object; fields nobody knows are passed over. */
export function readMessage(reader: ProtobufReader, plan: MessagePlan, object: Message): void {
  while (reader.at < reader.end) {
    const tag = reader.readVarint();
    const field = plan.byTag[tag];
    if (field) field.read(reader, object);
    else if (tag < 8) throw new ProtobufError(`proto: illegal tag ${tag >> 3} (wire type ${tag & 7})`);
    else reader.skip(tag & 7);
  }
}

/** Writes the object's known fields, the largest number first; what is null or undefined is left out. */
export function writeMessage(writer: ProtobufWriter, plan: MessagePlan, object: Message): void {
  const fields: FieldPlan[] = [];
  for (const name in object) {
    const field = plan.byName.get(name);
    if (field && object[name] !== null && object[name] !== undefined) insertByNumber(fields, field);
  }
  for (let at = fields.length - 1; at >= 0; at--) fields[at]!.write(writer, object);
}

/** A codec of messages of a plan, which is asked for when it is first needed: messages lie in each other in circles. */
export function messageCodec(plan: () => MessagePlan): ValueCodec {
  return message<Message>(
    (reader) => {
      const object: Message = {};
      readMessage(reader, plan(), object);
      return object;
    },
    (writer, object) => writeMessage(writer, plan(), object),
  );
}

/** Objects come in nearly this order, so this rarely moves anything. An embedded message is met once for each field in it. */
function insertByNumber(fields: FieldPlan[], field: FieldPlan): void {
  let at = fields.length;
  while (at > 0 && fields[at - 1]!.number > field.number) at--;
  if (at > 0 && fields[at - 1] === field) return;
  if (at === fields.length) fields.push(field);
  else fields.splice(at, 0, field);
}
