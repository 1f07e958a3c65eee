// The wire of KMS plug-ins, version 2 (k8s.io/kms/apis/v2), and the form upstream keeps encrypted objects in.

import { createCodec, type Received, type Sent } from "#grpc";

const protocol = {
  messages: {
    StatusRequest: {},
    StatusResponse: { version: [1, "string"], healthz: [2, "string"], keyId: [3, "string"] },
    EncryptRequest: { plaintext: [1, "bytes"], uid: [2, "string"] },
    EncryptResponse: { ciphertext: [1, "bytes"], keyId: [2, "string"], annotations: [3, "bytesMap"] },
    DecryptRequest: {
      ciphertext: [1, "bytes"],
      uid: [2, "string"],
      keyId: [3, "string"],
      annotations: [4, "bytesMap"],
    },
    DecryptResponse: { plaintext: [1, "bytes"] },
    EncryptedObject: {
      encryptedData: [1, "bytes"],
      keyID: [2, "string"],
      encryptedDEKSource: [3, "bytes"],
      annotations: [4, "bytesMap"],
      encryptedDEKSourceType: [5, "int32"],
    },
  },
  enums: {},
} as const;

export type KmsMethod = "Status" | "Encrypt" | "Decrypt";
type MessageName = keyof typeof protocol.messages;
export type KmsMessage<T extends MessageName> = Sent<typeof protocol, T>;
export type KmsAnswer<T extends MessageName> = Received<typeof protocol, T>;

export const kmsCodec = createCodec(protocol);

export function kmsPathOf(method: KmsMethod): string {
  return `/v2.KeyManagementService/${method}`;
}
