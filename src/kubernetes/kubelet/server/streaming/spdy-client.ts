// A SPDY/3.1 connection to a container runtime's streaming server: streams opened from this side, data both ways.

import { request } from "node:http";
import type { Duplex } from "node:stream";
import { dataFrame, dataFrames, pingFrame, type SpdyFrame, SpdyFrameReader, SpdyStreamOpener } from "./spdy-frames.ts";

export interface SpdyStream {
  /** False: wait for `drained` before writing more. */
  write(data: Uint8Array): boolean;
  /** Nothing more is written. */
  end(): void;
}

export interface SpdyHandlers {
  onData(data: Buffer): void;
  /** The other side writes nothing more. */
  onEnd(): void;
}

export interface SpdyConnection {
  /** `streamType` is what the runtime tells streams by: "stdin", "error", … */
  open(streamType: string, handlers: SpdyHandlers): SpdyStream;
  /** Stops reading, so that a slow reader is not flooded. */
  pause(): void;
  resume(): void;
  close(): void;
  /** Resolves when the socket takes more. */
  drained(): Promise<void>;
  /** Resolves when the connection has ended, whichever side ended it. */
  readonly closed: Promise<void>;
}

/** Upgrades a request to `url`. Rejects with the server's words where it refuses. */
export function connectSpdy(url: URL, protocols: readonly string[]): Promise<SpdyConnection> {
  return new Promise((resolve, reject) => {
    const call = request(url, {
      method: "POST",
      agent: false,
      headers: {
        connection: "Upgrade",
        upgrade: "SPDY/3.1",
        "x-stream-protocol-version": [...protocols],
        "content-length": "0",
      },
    });
    call.on("upgrade", (_response, socket, head) => resolve(new Connection(socket, head)));
    call.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8").trim();
        reject(new Error(`unable to upgrade connection: ${text || `status ${response.statusCode}`}`));
      });
    });
    call.on("error", reject);
    call.end();
  });
}

class Connection implements SpdyConnection {
  readonly closed: Promise<void>;
  readonly #socket: Duplex;
  readonly #opener = new SpdyStreamOpener();
  readonly #reader = new SpdyFrameReader();
  readonly #streams = new Map<number, SpdyHandlers>();
  #nextId = 1;

  constructor(socket: Duplex, head: Buffer) {
    this.#socket = socket;
    const ended = Promise.withResolvers<void>();
    this.closed = ended.promise;
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      for (const handlers of this.#streams.values()) handlers.onEnd();
      this.#streams.clear();
      ended.resolve();
    });
    if (head.length > 0) this.#take(head);
  }

  open(streamType: string, handlers: SpdyHandlers): SpdyStream {
    const id = this.#nextId;
    // Ids of streams opened by a client are odd.
    this.#nextId += 2;
    this.#streams.set(id, handlers);
    this.#socket.write(this.#opener.frame(id, { streamtype: streamType }));
    return {
      write: (data) => {
        let takesMore = true;
        for (const frame of dataFrames(id, data)) takesMore = this.#socket.write(frame);
        return takesMore;
      },
      end: () => void this.#socket.write(dataFrame(id, Buffer.alloc(0), true)),
    };
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.destroy();
  }

  drained(): Promise<void> {
    if (!this.#socket.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve) => this.#socket.once("drain", resolve));
  }

  #take(chunk: Buffer): void {
    for (const frame of this.#reader.read(chunk)) this.#handle(frame);
  }

  #handle(frame: SpdyFrame): void {
    switch (frame.type) {
      case "data": {
        const handlers = this.#streams.get(frame.streamId);
        if (frame.data.length > 0) handlers?.onData(frame.data);
        if (frame.isLast) this.#end(frame.streamId);
        break;
      }
      case "reply":
        if (frame.isLast) this.#end(frame.streamId);
        break;
      case "reset":
        this.#end(frame.streamId);
        break;
      case "ping":
        this.#socket.write(pingFrame(frame.id));
        break;
      default:
        break;
    }
  }

  #end(streamId: number): void {
    const handlers = this.#streams.get(streamId);
    this.#streams.delete(streamId);
    handlers?.onEnd();
  }
}
