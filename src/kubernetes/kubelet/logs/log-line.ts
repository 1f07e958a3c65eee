// One line of a container's log in CRI's format: "2016-10-06T00:17:09.669794202Z stdout F the content".

export interface LogLine {
  /** As written: RFC 3339 with up to nine digits of a second. */
  readonly timestamp: string;
  readonly stream: "stdout" | "stderr";
  /** With its newline, unless the line is only a part of what the container wrote. */
  readonly content: Buffer;
  readonly partial: boolean;
}

const space = 0x20;
const newline = 0x0a;

/** Reads a line, given without its newline. Undefined for what is none: a cut or foreign one. */
export function parseLogLine(line: Buffer): LogLine | undefined {
  const afterTime = line.indexOf(space);
  const afterStream = line.indexOf(space, afterTime + 1);
  if (afterTime < 0 || afterStream < 0) return undefined;
  const stream = line.toString("latin1", afterTime + 1, afterStream);
  if (stream !== "stdout" && stream !== "stderr") return undefined;
  const tagEnd = line.indexOf(space, afterStream + 1);
  if (tagEnd < 0) return undefined;
  const tags = line.toString("latin1", afterStream + 1, tagEnd).split(":");
  const partial = tags[0] === "P";
  const text = line.subarray(tagEnd + 1);
  return {
    timestamp: line.toString("latin1", 0, afterTime),
    stream,
    content: partial ? text : Buffer.concat([text, Buffer.of(newline)]),
    partial,
  };
}

/** The timestamp with always nine digits, as `kubectl logs --timestamps` shows it. */
export function formatLogTime(timestamp: string): string {
  const match = /^([^.Z+]+?)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(timestamp);
  if (!match) return timestamp;
  return `${match[1]}.${(match[2] ?? "").padEnd(9, "0")}${match[3]}`;
}

/** Splits bytes into lines; keeps an unfinished one for the next call. */
export class LineSplitter {
  #rest: Buffer = Buffer.alloc(0);

  /** The whole lines in what came so far, without their newlines. */
  *split(chunk: Buffer): Iterable<Buffer> {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline)) {
      yield bytes.subarray(0, end);
      bytes = bytes.subarray(end + 1);
    }
    this.#rest = Buffer.from(bytes);
  }
}
