// The client of the container runtime: CRI v1's runtime and image services behind one typed call.

import { type GrpcCallOptions, openGrpcChannel } from "#grpc";
import { type CriAnswer, type CriMessage, type CriMethod, criCodec, criPathOf } from "./protocol.ts";

export interface CriClient {
  /** One request, one answer. Throws GrpcError when the runtime refuses or cannot be reached. */
  call<M extends CriMethod>(
    method: M,
    request: CriMessage<`${M}Request`>,
    options?: GrpcCallOptions,
  ): Promise<CriAnswer<`${M}Response`>>;
  /** What happens to containers, as it happens; GrpcError "unimplemented" where the runtime has no such stream. */
  containerEvents(options: GrpcCallOptions): AsyncIterable<CriAnswer<"ContainerEventResponse">>;
  close(): void;
}

/** How long upstream waits for the slower methods; else two minutes (runtimeRequestTimeout). */
const timeouts: Partial<Record<CriMethod, number>> = {
  RunPodSandbox: 240_000,
  PullImage: Number.POSITIVE_INFINITY,
};

/** `socket` is the path of the runtime's unix socket, such as /run/containerd/containerd.sock. */
export function connectCri(socket: string): CriClient {
  const channel = openGrpcChannel(socket);
  return {
    call: (method, request, options = {}) =>
      channel.unary(
        criPathOf(method),
        request,
        (message) => criCodec.encode(`${method}Request`, message),
        (bytes) => criCodec.decode(`${method}Response`, bytes),
        { ...(timeouts[method] !== undefined && { timeoutMs: timeouts[method] }), ...options },
      ),
    containerEvents: (options) =>
      channel.serverStream(
        criPathOf("GetContainerEvents"),
        {},
        (message) => criCodec.encode("GetEventsRequest", message),
        (bytes) => criCodec.decode("ContainerEventResponse", bytes),
        options,
      ),
    close: () => channel.close(),
  };
}
