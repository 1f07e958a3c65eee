// What every reader of a body throws for bytes or values it cannot read: JSON, YAML, protobuf, CBOR and decoding by schema.

/** A body cannot be read. The message is upstream's; decodeObject puts it into the words of the answer. */
export class CodecError extends Error {}
