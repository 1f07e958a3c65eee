// A watch over a socket: every event is framed once for all who watch it in the same form, and whoever reads too slowly is cut
// off.

import { encodeJson, encodeWatchFrame, type KubeObject } from "#kubernetes/api";
import type { WatchAnswer, WatchRecord } from "../call.ts";
import { partialMetadata } from "../presentation/partial-metadata.ts";
import { readIncludeObject, tableOf } from "../presentation/table.ts";
import type { AnswerContext } from "./answer-writer.ts";
import { encodeDocument, encodeProtobuf } from "./encode-object.ts";
import { bytesOf } from "./frame-list.ts";
import { contentTypes, type MediaType } from "./media-types.ts";
import { type Headers, isGone, type WireResponse } from "./wire-response.ts";

/** What may wait for a slow reader before it is cut off. */
export const mostWaitingBytes = 32 * 1024 * 1024;

/** Writes events until the watch or the client ends. */
export function writeWatch(context: AnswerContext, answer: WatchAnswer, headers: Headers): Promise<void> {
  const { response, mediaType } = context;
  // Throws for what the client asks in vain, so before anything is sent.
  const frame = countingFramer(framerFor(context, answer), context.call.noteSent);
  const type = contentTypes[mediaType.encoding];
  headers["content-type"] = mediaType.encoding === "json" ? type : `${type};stream=watch`;
  response.writeHead(200, headers);
  response.flushHeaders();
  return new Promise((resolve) => {
    const socket = new BoundedWriter(response);
    const stop = answer.open({
      push: (records) => socket.write(records.map(frame)),
      end: () => socket.end(),
    });
    const close = (): void => {
      stop();
      resolve();
    };
    if (isGone(response)) close();
    else response.on("close", close);
  });
}

/** Keeps what the client has not yet taken, up to a limit. */
class BoundedWriter {
  readonly #response: WireResponse;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #isBlocked = false;
  #isEnding = false;

  constructor(response: WireResponse) {
    this.#response = response;
    response.on("drain", () => this.#resume());
  }

  write(frames: readonly Uint8Array[]): void {
    const bytes = frames.length === 1 ? frames[0]! : Buffer.concat(frames);
    if (!this.#isBlocked) {
      this.#isBlocked = !this.#response.write(bytes);
      return;
    }
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes > mostWaitingBytes) this.#response.destroy();
  }

  end(): void {
    this.#isEnding = true;
    if (!this.#isBlocked) this.#response.end();
  }

  #resume(): void {
    this.#isBlocked = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (waiting.length > 0) this.write(waiting);
    if (this.#isEnding && !this.#isBlocked) this.#response.end();
  }
}

type Framer = (record: WatchRecord) => Uint8Array;

function countingFramer(frame: Framer, noteSent: ((bytes: number) => void) | undefined): Framer {
  if (!noteSent) return frame;
  return (record) => {
    const bytes = frame(record);
    noteSent(bytes.length);
    return bytes;
  };
}
type FramerContext = Pick<AnswerContext, "call" | "mediaType" | "now">;

/** How events are framed for this client; alike clients share what is made. */
export function framerFor(context: FramerContext, answer: WatchAnswer): Framer {
  const { mediaType } = context;
  const { as, encoding } = mediaType;
  if (as?.kind === "Table") return tableFramer(context, answer);
  if (as) {
    const convert = (object: KubeObject) => partialMetadata(object, `meta.k8s.io/${as.version}`);
    return (record) =>
      record.framed(`${encoding} partial ${as.version}`, (each) => encodeEvent(each, mediaType, convert));
  }
  if (encoding === "json") return (record) => record.framed("json", frameJson);
  return (record) => record.framed(encoding, (each) => encodeEvent(each, mediaType));
}

const frames = new Map(
  ["ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"].map((type) => [
    type,
    Buffer.from(`{"type":"${type}","object":`),
  ]),
);
const frameEnd = Buffer.from("}\n");

function frameJson(record: WatchRecord): Uint8Array {
  return Buffer.concat([frames.get(record.type)!, bytesOf(record.document), frameEnd]);
}

function encodeEvent(record: WatchRecord, mediaType: MediaType, convert?: (object: KubeObject) => object): Uint8Array {
  const isObject = record.type !== "ERROR";
  const object = isObject && convert ? convert(record.object) : record.document.object;
  if (mediaType.encoding === "protobuf") return encodeWatchFrame(record.type, encodeProtobuf(object));
  const event = { type: record.type, object };
  if (mediaType.encoding === "yaml")
    return Buffer.concat([encodeDocument({ object: event }, mediaType), Buffer.from("---\n")]);
  return Buffer.from(`${encodeJson(event)}\n`);
}

/** Rows of one object each; only a client's first event has the columns. */
function tableFramer({ mediaType, call, now }: FramerContext, { resource }: WatchAnswer): Framer {
  const includeObject = readIncludeObject(call.request.query);
  const { version } = mediaType.as!;
  let isFirst = true;
  return (record) => {
    if (record.type === "ERROR") return encodeEvent(record, mediaType);
    const withoutColumns = !isFirst;
    isFirst = false;
    const convert = (object: KubeObject) => {
      const { resourceVersion } = object.metadata;
      const metadata = resourceVersion === undefined ? {} : { resourceVersion };
      return tableOf([object], { resource, metadata, version, includeObject, now: now(), withoutColumns });
    };
    return encodeEvent(record, mediaType, convert);
  };
}
