// CRI's wire for a stand-in of a container runtime: a gRPC server on a unix socket, method by method from the protocol's table.

import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from "@grpc/grpc-js";
import { createCodec, GrpcError, grpcCodes } from "#grpc";
import { type CriAnswer, type CriMessage, type CriMethod, criCodec, criPathOf } from "../cri/protocol.ts";

export type CriHandlers = {
  readonly [M in CriMethod]?: (
    request: CriAnswer<`${M}Request`>,
    signal: AbortSignal,
  ) => Promise<CriMessage<`${M}Response`>> | CriMessage<`${M}Response`>;
};

/** One who listens to what happens to containers. */
export interface EventListener<T> {
  send(event: T): void;
  /** Resolves when the listener has gone. */
  readonly gone: Promise<void>;
}

/** Absent streams are answered with "unimplemented", as by runtimes that do not have them. */
export interface CriStreams {
  readonly containerEvents?: (listener: EventListener<CriMessage<"ContainerEventResponse">>) => void;
  /** containerd's own: the id of a task that has ended, and of the process that was it. */
  readonly taskExits?: (listener: EventListener<{ readonly containerId: string; readonly execId: string }>) => void;
}

export interface CriServer {
  stop(): Promise<void>;
}

/** Listens at the path; resolves when it does. */
export async function serveCri(socket: string, handlers: CriHandlers, streams: CriStreams): Promise<CriServer> {
  const server = new Server();
  for (const [method, handle] of Object.entries(handlers)) {
    server.register(criPathOf(method), unary(handle as UnaryHandler), ...codecOf(method), "unary");
  }
  const { containerEvents, taskExits } = streams;
  if (containerEvents) {
    const encode = (event: CriMessage<"ContainerEventResponse">) => criCodec.encode("ContainerEventResponse", event);
    server.register(
      "/runtime.v1.RuntimeService/GetContainerEvents",
      stream(containerEvents),
      encode,
      ignore,
      "serverStream",
    );
  }
  if (taskExits) {
    server.register(
      "/containerd.services.events.v1.Events/Subscribe",
      stream(taskExits),
      encodeExit,
      ignore,
      "serverStream",
    );
  }
  await new Promise<void>((resolve, reject) => {
    const credentials = ServerCredentials.createInsecure();
    server.bindAsync(`unix://${socket}`, credentials, (error) => (error ? reject(error) : resolve()));
  });
  return {
    async stop() {
      server.forceShutdown();
    },
  };
}

type UnaryHandler = (request: unknown, signal: AbortSignal) => Promise<object> | object;

function codecOf(method: string): [(answer: object) => Buffer, (bytes: Buffer) => unknown] {
  return [
    (answer) => criCodec.encode(`${method}Response` as "VersionResponse", answer),
    (bytes) => criCodec.decode(`${method}Request` as "VersionRequest", bytes),
  ];
}

function unary(handle: UnaryHandler) {
  return async (call: ServerUnaryCall<unknown, object>, answer: sendUnaryData<object>): Promise<void> => {
    const cancelled = new AbortController();
    call.on("cancelled", () => cancelled.abort(new Error("cancelled")));
    try {
      answer(null, await handle(call.request, cancelled.signal));
    } catch (error) {
      const { code, message } =
        error instanceof GrpcError ? error : { code: grpcCodes.unknown, message: String(error) };
      answer({ code, details: message });
    }
  };
}

function stream<T>(listen: (listener: EventListener<T>) => void) {
  return (call: ServerWritableStream<unknown, T>): void => {
    const gone = new Promise<void>((resolve) => call.on("cancelled", resolve));
    listen({ send: (event) => void call.write(event), gone });
  };
}

function ignore(): unknown {
  return {};
}

const eventsCodec = createCodec({
  messages: {
    Envelope: { namespace: [2, "string"], topic: [3, "string"], event: [4, "Any"] },
    Any: { typeUrl: [1, "string"], value: [2, "bytes"] },
    TaskExit: { containerId: [1, "string"], id: [2, "string"] },
  },
  enums: {},
} as const);

function encodeExit({ containerId, execId }: { containerId: string; execId: string }): Buffer {
  const value = eventsCodec.encode("TaskExit", { containerId, id: execId });
  const event = { typeUrl: "containerd.events.TaskExit", value };
  return eventsCodec.encode("Envelope", { namespace: "k8s.io", topic: "/tasks/exit", event });
}
