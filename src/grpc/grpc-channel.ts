// A gRPC channel: calls and streams with an encoder and a decoder, errors as one class. What travels is for others to say.

import {
  type ChannelCredentials,
  type ClientReadableStream,
  credentials,
  Client as GrpcClient,
  Metadata,
  type ServiceError,
} from "@grpc/grpc-js";
import { describeError, onAbort } from "#shared";

/** A call that failed: `code` is gRPC's number, `message` what the server said. */
export class GrpcError extends Error {
  override readonly name = "GrpcError";
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** The error as gRPC's Go library writes it, which is what upstream shows in events and statuses. */
export function formatGrpcError(error: unknown): string {
  if (!(error instanceof GrpcError)) return describeError(error);
  return `rpc error: code = ${grpcCodeName(error.code)} desc = ${error.message}`;
}

/** The name of a code of gRPC: 0 is "OK". */
export function grpcCodeName(code: number): string {
  return codeNames[code] ?? "Unknown";
}

const codeNames =
  "OK Canceled Unknown InvalidArgument DeadlineExceeded NotFound AlreadyExists PermissionDenied ResourceExhausted FailedPrecondition Aborted OutOfRange Unimplemented Internal Unavailable DataLoss Unauthenticated".split(
    " ",
  );

/** gRPC's codes, those that are looked at. */
export const grpcCodes = {
  cancelled: 1,
  unknown: 2,
  deadlineExceeded: 4,
  notFound: 5,
  outOfRange: 11,
  unimplemented: 12,
  unavailable: 14,
} as const;

/** Whether the server said that there is no such thing. */
export function isGrpcNotFound(error: unknown): boolean {
  return error instanceof GrpcError && error.code === grpcCodes.notFound;
}

export interface GrpcCallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Default: two minutes. Infinity: none. */
  readonly timeoutMs?: number;
  /** Headers of the call. */
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface GrpcChannel {
  unary<Q, A>(
    path: string,
    request: Q,
    encode: (request: Q) => Buffer,
    decode: (bytes: Buffer) => A,
    options?: GrpcCallOptions,
  ): Promise<A>;
  /** Answers until the server ends the stream or the signal fires (quietly). */
  serverStream<Q, A>(
    path: string,
    request: Q,
    encode: (request: Q) => Buffer,
    decode: (bytes: Buffer) => A,
    options?: GrpcCallOptions,
  ): AsyncIterable<A>;
  /** Both sides send until one ends it: each answer is handed to `onAnswer`, the end to `onEnd`, once, with the error if there was one. */
  duplexStream<Q, A>(
    path: string,
    encode: (request: Q) => Buffer,
    decode: (bytes: Buffer) => A,
    listener: { onAnswer(answer: A): void; onEnd(error: GrpcError | undefined): void },
    options?: Pick<GrpcCallOptions, "metadata">,
  ): DuplexStream<Q>;
  close(): void;
}

export interface DuplexStream<Q> {
  send(request: Q): void;
  /** Nothing is heard of it any more. */
  cancel(): void;
}

/** Where and how to connect. */
export interface GrpcTarget {
  /** As gRPC names them: "unix:///run/x.sock", "127.0.0.1:2379", "dns:host:2379". */
  readonly address: string;
  /** PEM. Absent: without TLS. */
  readonly tls?: { readonly authority?: string; readonly certificate?: string; readonly key?: string };
  /** The largest message taken. Default: 16 MiB. */
  readonly largestMessage?: number;
}

const defaultTimeoutMs = 120_000;
const defaultLargestMessage = 16 * 1024 * 1024;

/** Connects lazily, and again after a loss. A string is the path of a unix socket. */
export function openGrpcChannel(target: string | GrpcTarget): GrpcChannel {
  const {
    address,
    tls,
    largestMessage = defaultLargestMessage,
  } = typeof target === "string" ? { address: `unix://${target}` } : target;
  const client = new GrpcClient(address, credentialsOf(tls), {
    "grpc.max_receive_message_length": largestMessage,
    "grpc.max_send_message_length": largestMessage,
    "grpc.initial_reconnect_backoff_ms": 50,
    "grpc.max_reconnect_backoff_ms": 3000,
  });
  return {
    unary(path, request, encode, decode, options = {}) {
      return new Promise((resolve, reject) => {
        if (options.signal?.aborted) return reject(options.signal.reason);
        const call = client.makeUnaryRequest(
          path,
          encode,
          decode,
          request,
          metadataOf(options),
          { deadline: deadlineOf(options.timeoutMs ?? defaultTimeoutMs) },
          (error, answer) => {
            release();
            if (options.signal?.aborted) reject(options.signal.reason);
            else if (error) reject(toGrpcError(error));
            else resolve(answer!);
          },
        );
        const release = onAbort(options.signal, () => call.cancel());
      });
    },
    async *serverStream(path, request, encode, decode, options = {}) {
      const call = client.makeServerStreamRequest(path, encode, decode, request, metadataOf(options), {
        deadline: deadlineOf(options.timeoutMs ?? Number.POSITIVE_INFINITY),
      });
      yield* readStream(call, options.signal);
    },
    duplexStream(path, encode, decode, { onAnswer, onEnd }, options = {}) {
      const call = client.makeBidiStreamRequest(path, encode, decode, metadataOf(options));
      let isOver = false;
      const end = (error?: ServiceError) => {
        if (isOver) return;
        isOver = true;
        onEnd(error && toGrpcError(error));
      };
      call.on("data", (answer) => {
        if (!isOver) onAnswer(answer);
      });
      call.on("error", end);
      call.on("end", () => end());
      return {
        send: (request) => void call.write(request),
        cancel() {
          isOver = true;
          call.cancel();
        },
      };
    },
    close: () => client.close(),
  };
}

function credentialsOf(tls: GrpcTarget["tls"]): ChannelCredentials {
  if (!tls) return credentials.createInsecure();
  const bytes = (pem: string | undefined) => (pem === undefined ? null : Buffer.from(pem));
  return credentials.createSsl(bytes(tls.authority), bytes(tls.key), bytes(tls.certificate));
}

async function* readStream<A>(call: ClientReadableStream<A>, signal: AbortSignal | undefined): AsyncIterable<A> {
  const release = onAbort(signal, () => call.cancel());
  try {
    for await (const answer of call) yield answer as A;
  } catch (error) {
    if (signal?.aborted) return;
    throw toGrpcError(error as ServiceError);
  } finally {
    release();
    call.cancel();
  }
}

function metadataOf(options: GrpcCallOptions): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(options.metadata ?? {})) metadata.set(name, value);
  return metadata;
}

function deadlineOf(timeoutMs: number): number {
  return timeoutMs === Number.POSITIVE_INFINITY ? timeoutMs : Date.now() + timeoutMs;
}

function toGrpcError(error: ServiceError): GrpcError {
  return new GrpcError(error.code ?? grpcCodes.unknown, error.details || error.message);
}
