// Calls to an etcd cluster: one channel an endpoint, the next one where an endpoint can't be reached. What the keys and values
// mean is the store's business.

import { type DuplexStream, type GrpcChannel, GrpcError, type GrpcTarget, grpcCodes, openGrpcChannel } from "#grpc";
import { UserError } from "#shared";
import { type EtcdAnswer, type EtcdMessage, type EtcdMessageName, etcdCodec } from "./etcd-messages.ts";

export interface EtcdClientOptions {
  /** Such as "http://127.0.0.1:2379"; all https or all http. */
  readonly endpoints: readonly string[];
  /** PEM texts; needed for https. */
  readonly tls?: GrpcTarget["tls"];
  /** A call that takes longer has failed. Default: 10 s. */
  readonly timeoutMs?: number;
}

export interface EtcdClient {
  range(request: EtcdMessage<"RangeRequest">): Promise<EtcdAnswer<"RangeResponse">>;
  txn(request: EtcdMessage<"TxnRequest">): Promise<EtcdAnswer<"TxnResponse">>;
  compact(revision: number): Promise<void>;
  grantLease(id: number, ttlSeconds: number): Promise<void>;
  /** Events from a revision on, of all keys. `onEnd` is called once, unless it was cancelled before. */
  watchAll(
    startRevision: number,
    onResponse: (response: EtcdAnswer<"WatchResponse">) => void,
    onEnd: (error: GrpcError | undefined) => void,
  ): DuplexStream<EtcdMessage<"WatchRequest">>;
  /** One answer for each endpoint. */
  status(): Promise<(EtcdAnswer<"StatusResponse"> & { readonly endpoint: string })[]>;
  /** Gives free space back to the disk: one endpoint after the other, since each stands still meanwhile. */
  defragment(): Promise<void>;
  /** The bytes of a snapshot, as `etcdctl snapshot restore` takes it. */
  snapshot(signal?: AbortSignal): AsyncIterable<Uint8Array>;
  close(): void;
}

/** The key from which all others are, and the end behind them all: both the zero byte, by etcd's rule. */
export const everyKey = Buffer.from([0]);

const largestMessage = 512 * 1024 * 1024;

/** Connects when first called. Throws a UserError for endpoints that are none. */
export function createEtcdClient(options: EtcdClientOptions): EtcdClient {
  const channels = new EndpointChannels(options);
  const timeoutMs = options.timeoutMs ?? 10_000;
  const unary = <Q extends EtcdMessageName, A extends EtcdMessageName>(path: string, request: Q, answer: A) => {
    const encode = (message: EtcdMessage<Q>) => etcdCodec.encode(request, message as never);
    const decode = (bytes: Buffer) => etcdCodec.decode(answer, bytes);
    const callOn = (channel: GrpcChannel, message: EtcdMessage<Q>) =>
      channel.unary(`/etcdserverpb.${path}`, message, encode, decode, { timeoutMs });
    const call = (message: EtcdMessage<Q>) => channels.call((channel) => callOn(channel, message));
    return { call, callOn };
  };
  const range = unary("KV/Range", "RangeRequest", "RangeResponse");
  const txn = unary("KV/Txn", "TxnRequest", "TxnResponse");
  const compact = unary("KV/Compact", "CompactionRequest", "CompactionResponse");
  const grant = unary("Lease/LeaseGrant", "LeaseGrantRequest", "LeaseGrantResponse");
  const status = unary("Maintenance/Status", "StatusRequest", "StatusResponse");
  const defragment = unary("Maintenance/Defragment", "DefragmentRequest", "DefragmentResponse");
  return {
    range: (request) => range.call(request),
    txn: (request) => txn.call(request),
    async compact(revision) {
      await compact.call({ revision });
    },
    async grantLease(id, ttlSeconds) {
      const { error } = await grant.call({ ID: id, TTL: ttlSeconds });
      if (error) throw new Error(`Cannot get a lease from etcd: ${error}`);
    },
    watchAll(startRevision, onResponse, onEnd) {
      const stream = channels.current.duplexStream(
        "/etcdserverpb.Watch/Watch",
        (request: EtcdMessage<"WatchRequest">) => etcdCodec.encode("WatchRequest", request),
        (bytes) => etcdCodec.decode("WatchResponse", bytes),
        {
          onAnswer: onResponse,
          onEnd: (error) => {
            if (error) channels.moveOn();
            onEnd(error);
          },
        },
        // A member that is cut off from the others ends the stream instead of falling silent.
        { metadata: { hasleader: "true" } },
      );
      stream.send({ createRequest: { key: everyKey, rangeEnd: everyKey, startRevision, fragment: true } });
      return stream;
    },
    status: () =>
      Promise.all(
        channels.all.map(async ({ endpoint, channel }) => ({ ...(await status.callOn(channel, {})), endpoint })),
      ),
    async defragment() {
      for (const { channel } of channels.all) await defragment.callOn(channel, {});
    },
    async *snapshot(signal) {
      const parts = channels.current.serverStream(
        "/etcdserverpb.Maintenance/Snapshot",
        {},
        (request) => etcdCodec.encode("SnapshotRequest", request),
        (bytes) => etcdCodec.decode("SnapshotResponse", bytes),
        { signal },
      );
      for await (const { blob } of parts) yield blob;
    },
    close: () => channels.close(),
  };
}

/** The channels and the one in use. */
class EndpointChannels {
  readonly all: readonly { readonly endpoint: string; readonly channel: GrpcChannel }[];
  #at = 0;

  constructor({ endpoints, tls }: EtcdClientOptions) {
    if (endpoints.length === 0) throw new UserError("Cannot reach etcd: no endpoint is given");
    this.all = endpoints.map((endpoint) => ({ endpoint, channel: openEndpoint(endpoint, tls) }));
  }

  get current(): GrpcChannel {
    return this.all[this.#at]!.channel;
  }

  moveOn(): void {
    this.#at = (this.#at + 1) % this.all.length;
  }

  /** Tries the other endpoints where one was not reached at all: the call has had no effect then. */
  async call<A>(run: (channel: GrpcChannel) => Promise<A>): Promise<A> {
    for (let left = this.all.length; ; left--) {
      const { channel } = this.all[this.#at]!;
      try {
        return await run(channel);
      } catch (error) {
        if (left <= 1 || !wasNotSent(error)) throw error;
        if (channel === this.current) this.moveOn();
      }
    }
  }

  close(): void {
    for (const { channel } of this.all) channel.close();
  }
}

/** Whether the call never left: then somebody else may be asked. */
function wasNotSent(error: unknown): boolean {
  return error instanceof GrpcError && error.code === grpcCodes.unavailable && /No connection/.test(error.message);
}

function openEndpoint(endpoint: string, tls: EtcdClientOptions["tls"]): GrpcChannel {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (!url || !["http:", "https:"].includes(url.protocol) || !url.port) {
    throw new UserError(`Cannot reach etcd: "${endpoint}" is no endpoint`, {
      hints: ["Write endpoints as https://HOST:2379 or http://HOST:2379"],
    });
  }
  return openGrpcChannel({ address: url.host, largestMessage, ...(url.protocol === "https:" && { tls: tls ?? {} }) });
}
