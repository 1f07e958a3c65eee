// Upstream's ciphers for values at rest, byte by byte as upstream writes them, so that either server reads the other's data.

import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { xsalsa20poly1305 } from "@noble/ciphers/salsa.js";

export interface Cipher {
  /** `context` is bound to the result where the cipher can: the value's key in the store. */
  encrypt(text: Uint8Array, context: string): Buffer;
  /** Throws where the bytes were not encrypted with this key (and, where it can tell, this context). */
  decrypt(bytes: Uint8Array, context: string): Buffer;
  /** Resolves when `decrypt` can be called, where the key has to be asked for; undefined: it can be called at once. */
  prepare?(bytes: Uint8Array, signal?: AbortSignal): Promise<void> | undefined;
}

export type CipherKind = "aesgcm" | "aescbc" | "secretbox";

const gcmNonceSize = 12;
const gcmTagSize = 16;
const cbcBlockSize = 16;
const boxNonceSize = 24;

export function createCipher(kind: CipherKind, secret: Buffer): Cipher {
  if (kind === "aesgcm") return aesGcm(secret);
  return kind === "aescbc" ? aesCbc(secret) : secretBox(secret);
}

/** Nonce, text, tag. */
function aesGcm(secret: Buffer): Cipher {
  const algorithm = `aes-${secret.length * 8}-gcm` as "aes-256-gcm";
  return {
    encrypt(text, context) {
      const nonce = randomBytes(gcmNonceSize);
      const cipher = createCipheriv(algorithm, secret, nonce).setAAD(Buffer.from(context));
      return Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]);
    },
    decrypt(bytes, context) {
      if (bytes.length < gcmNonceSize + gcmTagSize)
        throw new Error("the stored data was shorter than the required size");
      const end = bytes.length - gcmTagSize;
      const decipher = createDecipheriv(algorithm, secret, bytes.subarray(0, gcmNonceSize));
      decipher.setAAD(Buffer.from(context)).setAuthTag(bytes.subarray(end));
      return Buffer.concat([decipher.update(bytes.subarray(gcmNonceSize, end)), decipher.final()]);
    },
  };
}

/** Initialization vector, padded text. Not authenticated: the wrong key is noticed by the padding, most of the time. */
function aesCbc(secret: Buffer): Cipher {
  const algorithm = `aes-${secret.length * 8}-cbc`;
  return {
    encrypt(text) {
      const vector = randomBytes(cbcBlockSize);
      const cipher = createCipheriv(algorithm, secret, vector);
      return Buffer.concat([vector, cipher.update(text), cipher.final()]);
    },
    decrypt(bytes) {
      if (bytes.length < 2 * cbcBlockSize) throw new Error("the stored data was shorter than the required size");
      const decipher = createDecipheriv(algorithm, secret, bytes.subarray(0, cbcBlockSize));
      return Buffer.concat([decipher.update(bytes.subarray(cbcBlockSize)), decipher.final()]);
    },
  };
}

/** Nonce, tag, text: XSalsa20 and Poly1305. */
function secretBox(secret: Buffer): Cipher {
  return {
    encrypt(text) {
      const nonce = randomBytes(boxNonceSize);
      return Buffer.concat([nonce, xsalsa20poly1305(secret, nonce).encrypt(text)]);
    },
    decrypt(bytes) {
      if (bytes.length < boxNonceSize) throw new Error("the stored data was shorter than the required size");
      return Buffer.from(
        xsalsa20poly1305(secret, bytes.subarray(0, boxNonceSize)).decrypt(bytes.subarray(boxNonceSize)),
      );
    },
  };
}
