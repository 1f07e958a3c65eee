// The part of etcd's v3 protocol that a store needs, as tables: key-values, transactions, watches, leases, upkeep.
// Numbers are those of etcd's published rpc.proto and kv.proto.

import { createCodec, type Received, type Sent } from "#grpc";

const keyValueMessages = {
  ResponseHeader: { revision: [3, "int64"] },
  KeyValue: {
    key: [1, "bytes"],
    createRevision: [2, "int64"],
    modRevision: [3, "int64"],
    version: [4, "int64"],
    value: [5, "bytes"],
    lease: [6, "int64"],
  },
  RangeRequest: {
    key: [1, "bytes"],
    rangeEnd: [2, "bytes"],
    limit: [3, "int64"],
    revision: [4, "int64"],
    keysOnly: [8, "bool"],
    countOnly: [9, "bool"],
  },
  RangeResponse: { header: [1, "ResponseHeader"], kvs: [2, "[]KeyValue"], more: [3, "bool"], count: [4, "int64"] },
  PutRequest: { key: [1, "bytes"], value: [2, "bytes"], lease: [3, "int64"] },
  PutResponse: { header: [1, "ResponseHeader"] },
  DeleteRangeRequest: { key: [1, "bytes"], rangeEnd: [2, "bytes"] },
  DeleteRangeResponse: { header: [1, "ResponseHeader"], deleted: [2, "int64"] },
  CompactionRequest: { revision: [1, "int64"], physical: [2, "bool"] },
  CompactionResponse: { header: [1, "ResponseHeader"] },
} as const;

const transactionMessages = {
  /** With target MOD and without modRevision: there is no such key. */
  Compare: {
    result: [1, "CompareResult"],
    target: [2, "CompareTarget"],
    key: [3, "bytes"],
    version: [4, "int64"],
    modRevision: [6, "int64"],
  },
  RequestOp: {
    requestRange: [1, "RangeRequest"],
    requestPut: [2, "PutRequest"],
    requestDeleteRange: [3, "DeleteRangeRequest"],
  },
  ResponseOp: {
    responseRange: [1, "RangeResponse"],
    responsePut: [2, "PutResponse"],
    responseDeleteRange: [3, "DeleteRangeResponse"],
  },
  TxnRequest: { compare: [1, "[]Compare"], success: [2, "[]RequestOp"], failure: [3, "[]RequestOp"] },
  TxnResponse: { header: [1, "ResponseHeader"], succeeded: [2, "bool"], responses: [3, "[]ResponseOp"] },
} as const;

const watchMessages = {
  WatchCreateRequest: {
    key: [1, "bytes"],
    rangeEnd: [2, "bytes"],
    startRevision: [3, "int64"],
    fragment: [8, "bool"],
  },
  WatchRequest: { createRequest: [1, "WatchCreateRequest"] },
  WatchEvent: { type: [1, "EventType"], kv: [2, "KeyValue"] },
  WatchResponse: {
    header: [1, "ResponseHeader"],
    created: [3, "bool"],
    canceled: [4, "bool"],
    compactRevision: [5, "int64"],
    cancelReason: [6, "string"],
    fragment: [7, "bool"],
    events: [11, "[]WatchEvent"],
  },
} as const;

const upkeepMessages = {
  LeaseGrantRequest: { TTL: [1, "int64"], ID: [2, "int64"] },
  LeaseGrantResponse: { header: [1, "ResponseHeader"], ID: [2, "int64"], TTL: [3, "int64"], error: [4, "string"] },
  StatusRequest: {},
  StatusResponse: {
    header: [1, "ResponseHeader"],
    version: [2, "string"],
    dbSize: [3, "int64"],
    leader: [4, "uint64"],
  },
  DefragmentRequest: {},
  DefragmentResponse: { header: [1, "ResponseHeader"] },
  SnapshotRequest: {},
  SnapshotResponse: { header: [1, "ResponseHeader"], remainingBytes: [2, "uint64"], blob: [3, "bytes"] },
} as const;

const etcdProtocol = {
  messages: { ...keyValueMessages, ...transactionMessages, ...watchMessages, ...upkeepMessages },
  enums: {
    CompareResult: ["EQUAL", "GREATER", "LESS", "NOT_EQUAL"],
    CompareTarget: ["VERSION", "CREATE", "MOD", "VALUE", "LEASE"],
    EventType: ["PUT", "DELETE"],
  },
} as const;

type EtcdProtocol = typeof etcdProtocol;
export type EtcdMessageName = keyof EtcdProtocol["messages"];
/** A message as sent: every field optional. */
export type EtcdMessage<T extends EtcdMessageName> = Sent<EtcdProtocol, T>;
/** A message as received: absent scalars are zero, absent messages undefined. */
export type EtcdAnswer<T extends EtcdMessageName> = Received<EtcdProtocol, T>;

export const etcdCodec = createCodec<EtcdProtocol>(etcdProtocol);
