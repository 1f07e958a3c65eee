// The ciphers of values whose key a KMS plug-in keeps: AES-GCM by a key derived anew for each value from a seed (HKDF-SHA256, of
// which the extract step is not needed), and by the key itself, as upstream wrote before 1.29.

import { createHmac, randomBytes } from "node:crypto";
import { type Cipher, createCipher } from "../ciphers.ts";

const infoSize = 32;
export const seedSize = 32;

/** Info, nonce, text, tag. The info is random and makes the key; a key is used once. Throws for a seed that is too short. */
export function createSeedCipher(seed: Buffer): Cipher {
  if (seed.length < seedSize) throw new Error(`invalid seed length ${seed.length} used for key generation`);
  const cipherOf = (info: Uint8Array) =>
    createCipher("aesgcm", createHmac("sha256", seed).update(info).update(Buffer.of(1)).digest());
  return {
    encrypt(text, context) {
      const info = randomBytes(infoSize);
      return Buffer.concat([info, cipherOf(info).encrypt(text, context)]);
    },
    decrypt(bytes, context) {
      if (bytes.length < infoSize) throw new Error("the stored data was shorter than the required size");
      return cipherOf(bytes.subarray(0, infoSize)).decrypt(bytes.subarray(infoSize), context);
    },
  };
}
