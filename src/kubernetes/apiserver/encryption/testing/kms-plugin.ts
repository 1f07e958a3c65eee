// A KMS plug-in, version 2, on a unix socket: keys made of their IDs, kept nowhere. For tests; it protects nothing.

import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { type handleUnaryCall, Server, ServerCredentials } from "@grpc/grpc-js";
import { grpcCodes } from "#grpc";
import { type KmsAnswer, type KmsMessage, type KmsMethod, kmsCodec, kmsPathOf } from "../kms/kms-protocol.ts";

export interface KmsPlugin {
  /** What it answers from now on; all can be changed. */
  readonly state: KmsPluginState;
  /** How often each method was called. */
  readonly calls: Record<KmsMethod, number>;
  stop(): Promise<void>;
}

export interface KmsPluginState {
  keyId: string;
  healthz: string;
  version: string;
  /** What Encrypt says it used, where that is not `keyId`. */
  encryptKeyId?: string | undefined;
  annotations: Record<string, Buffer>;
  /** Every call of these fails with the text. */
  failures: Partial<Record<KmsMethod, string>>;
}

type Handle<M extends KmsMethod> = (request: KmsAnswer<`${M}Request`>) => KmsMessage<`${M}Response`>;

/** Listens at the socket ("/path", or "\0name" for an abstract one); resolves when it does. */
export async function startKmsPlugin(socket: string, initial: Partial<KmsPluginState> = {}): Promise<KmsPlugin> {
  const annotations = { "version.encryption.example.com": Buffer.from("1") };
  const state: KmsPluginState = {
    keyId: "key-1",
    healthz: "ok",
    version: "v2",
    annotations,
    failures: {},
    ...initial,
  };
  const calls: Record<KmsMethod, number> = { Status: 0, Encrypt: 0, Decrypt: 0 };
  const server = new Server();
  const serve = <M extends KmsMethod>(method: M, handle: Handle<M>) => {
    const answer: handleUnaryCall<KmsAnswer<`${M}Request`>, KmsMessage<`${M}Response`>> = ({ request }, callback) => {
      calls[method]++;
      const failure = state.failures[method];
      if (failure !== undefined) return callback({ code: grpcCodes.unavailable, details: failure });
      try {
        callback(null, handle(request));
      } catch (error) {
        callback({ code: grpcCodes.unknown, details: (error as Error).message });
      }
    };
    const encode = (message: KmsMessage<`${M}Response`>) => kmsCodec.encode(`${method}Response`, message);
    const decode = (bytes: Buffer) => kmsCodec.decode(`${method}Request`, bytes);
    server.register(kmsPathOf(method), answer, encode, decode, "unary");
  };
  serve("Status", () => ({ version: state.version, healthz: state.healthz, keyId: state.keyId }));
  serve("Encrypt", ({ plaintext }) => {
    const keyId = state.encryptKeyId ?? state.keyId;
    return { ciphertext: seal(keyId, plaintext), keyId, annotations: state.annotations };
  });
  serve("Decrypt", ({ ciphertext, keyId, annotations: given }) => {
    const name = Object.keys(state.annotations)[0];
    if (name !== undefined && !given[name]) throw new Error("the annotations are not those of Encrypt");
    return { plaintext: open(keyId, ciphertext) };
  });
  const address = socket.startsWith("\0") ? `unix:${socket}` : `unix://${socket}`;
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error) => (error ? reject(error) : resolve()));
  });
  return {
    state,
    calls,
    async stop() {
      server.forceShutdown();
    },
  };
}

function keyOf(keyId: string): Buffer {
  return createHash("sha256").update(`a key of tests: ${keyId}`).digest();
}

function seal(keyId: string, text: Uint8Array): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", keyOf(keyId), nonce);
  return Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]);
}

function open(keyId: string, bytes: Uint8Array): Buffer {
  const decipher = createDecipheriv("aes-256-gcm", keyOf(keyId), bytes.subarray(0, 12));
  decipher.setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
}
