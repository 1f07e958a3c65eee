// gRPC for every part that speaks it (CRI, etcd): a channel with calls and streams, and protobuf messages driven by tables.

export {
  type DuplexStream,
  formatGrpcError,
  type GrpcCallOptions,
  type GrpcChannel,
  GrpcError,
  type GrpcTarget,
  grpcCodeName,
  grpcCodes,
  isGrpcNotFound,
  openGrpcChannel,
} from "./grpc-channel.ts";
export { type Codec, createCodec, type Received, type Sent } from "./protobuf/codec.ts";
export type { FieldSpec, MessageSpec, ProtocolSpec } from "./protobuf/spec.ts";
