// Short hashes that go into names and labels: FNV-1a of the canonical JSON, in letters that make no words, as upstream's.

import { canonicalJson } from "./canonical-json.ts";

const alphabet = "bcdfghjklmnpqrstvwxz2456789";

/** `collisions` makes another hash of the same value, after one turned out to be taken by something else. */
export function computeHash(value: unknown, collisions?: number): string {
  const text = canonicalJson(value) + (collisions === undefined ? "" : `#${collisions}`);
  return safeEncode(String(fnv1a(Buffer.from(text, "utf8"))));
}

/** Replaces each character by one of the alphabet. */
export function safeEncode(text: string): string {
  let encoded = "";
  for (let at = 0; at < text.length; at++) encoded += alphabet[text.charCodeAt(at) % alphabet.length];
  return encoded;
}

/** The 32-bit Fowler-Noll-Vo hash, variant 1a. */
export function fnv1a(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
