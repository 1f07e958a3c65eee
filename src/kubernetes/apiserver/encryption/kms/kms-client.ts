// Calls to one KMS plug-in over its unix socket, each timed.

import { randomUUID } from "node:crypto";
import { GrpcError, grpcCodes, openGrpcChannel } from "#grpc";
import { type KmsAnswer, type KmsMessage, type KmsMethod, kmsCodec, kmsPathOf } from "./kms-protocol.ts";

/** A plug-in as the configuration names it. */
export interface KmsSettings {
  readonly name: string;
  /** "unix:///path/of/socket", or "unix:///@name" for an abstract one. */
  readonly endpoint: string;
  /** Of each call. */
  readonly timeoutMs: number;
}

/** Calls reject with a GrpcError, or the signal's reason. */
export interface KmsClient {
  status(signal?: AbortSignal): Promise<KmsAnswer<"StatusResponse">>;
  encrypt(plaintext: Buffer, signal?: AbortSignal): Promise<KmsAnswer<"EncryptResponse">>;
  decrypt(request: KmsMessage<"DecryptRequest">, signal?: AbortSignal): Promise<Uint8Array>;
  close(): void;
}

/** Told of every call: its full method, gRPC's number of how it ended, how long it took. */
export type NoteKmsCall = (path: string, code: number, seconds: number) => void;

/** Connects when it is first called. */
export function openKmsClient({ endpoint, timeoutMs }: KmsSettings, noteCall: NoteKmsCall = () => {}): KmsClient {
  const channel = openGrpcChannel({ address: addressOf(endpoint) });
  const call = async <M extends KmsMethod>(
    method: M,
    request: KmsMessage<`${M}Request`>,
    signal: AbortSignal | undefined,
  ): Promise<KmsAnswer<`${M}Response`>> => {
    const path = kmsPathOf(method);
    const start = performance.now();
    const note = (code: number) => noteCall(path, code, (performance.now() - start) / 1000);
    try {
      const answer = await channel.unary(
        path,
        request,
        (message) => kmsCodec.encode(`${method}Request`, message),
        (bytes) => kmsCodec.decode(`${method}Response`, bytes),
        { signal, timeoutMs },
      );
      note(0);
      return answer;
    } catch (error) {
      note(error instanceof GrpcError ? error.code : grpcCodes.unknown);
      throw error;
    }
  };
  return {
    status: (signal) => call("Status", {}, signal),
    encrypt: (plaintext, signal) => call("Encrypt", { plaintext, uid: randomUUID() }, signal),
    decrypt: async (request, signal) => (await call("Decrypt", { uid: randomUUID(), ...request }, signal)).plaintext,
    close: () => channel.close(),
  };
}

/** As gRPC names the socket; abstract ones begin with a zero byte. */
function addressOf(endpoint: string): string {
  const path = new URL(endpoint).pathname;
  return path.startsWith("/@") ? `unix:\0${path.slice(2)}` : `unix://${decodeURIComponent(path)}`;
}
