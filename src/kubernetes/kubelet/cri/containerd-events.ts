// containerd's own event stream, on the same socket as CRI: tells of ended containers where the runtime is too old for CRI's
// GetContainerEvents (containerd before 1.7). Only what a kubelet needs of it.

import { createCodec, openGrpcChannel } from "#grpc";

const codec = createCodec({
  messages: {
    SubscribeRequest: { filters: [1, "[]string"] },
    Envelope: { namespace: [2, "string"], topic: [3, "string"], event: [4, "Any"] },
    Any: { typeUrl: [1, "string"], value: [2, "bytes"] },
    // Of a TaskExit.
    TaskEvent: { containerId: [1, "string"], execId: [2, "string"] },
  },
  enums: {},
} as const);

/** What happened to a container (or a pod's sandbox, which is one, too). */
export interface ContainerEvent {
  readonly containerId: string;
}

/** The ends of CRI's containers, until the signal fires. Throws GrpcError when the stream breaks. */
export async function* watchContainerdEvents(socket: string, signal: AbortSignal): AsyncIterable<ContainerEvent> {
  const channel = openGrpcChannel(socket);
  const filters = ['namespace=="k8s.io",topic=="/tasks/exit"'];
  try {
    const envelopes = channel.serverStream(
      "/containerd.services.events.v1.Events/Subscribe",
      { filters },
      (message) => codec.encode("SubscribeRequest", message),
      (bytes) => codec.decode("Envelope", bytes),
      { signal },
    );
    for await (const envelope of envelopes) {
      const event = codec.decode("TaskEvent", envelope.event?.value ?? Buffer.alloc(0));
      // The end of an exec carries its own id; of interest is the container's first process, whose id is the container's.
      if (event.execId === event.containerId) yield { containerId: event.containerId };
    }
  } finally {
    channel.close();
  }
}
