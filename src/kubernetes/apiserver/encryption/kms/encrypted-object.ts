// A value as upstream keeps it: the encrypted data, and what the plug-in needs to give out the seed it was encrypted by. The limits are
// upstream's (k8s.io/apiserver/pkg/storage/value/encrypt/envelope/kmsv2).

import { createHash } from "node:crypto";
import { checkDNS1123Label, checkDNS1123Subdomain } from "#kubernetes/api";
import { type KmsAnswer, kmsCodec } from "./kms-protocol.ts";

/** What the seed is to be had by. */
export interface EncryptedSeed {
  readonly keyID: string;
  readonly encryptedDEKSource: Uint8Array;
  readonly annotations: Readonly<Record<string, Uint8Array>>;
  /** 0: the key itself; 1: a seed of keys. */
  readonly encryptedDEKSourceType: number;
}

export type EncryptedObject = EncryptedSeed & { readonly encryptedData: Uint8Array };

export const sourceTypes = { key: 0, seed: 1 } as const;

const mostKeyIdBytes = 1024;
const mostSourceBytes = 1024;
const mostAnnotationBytes = 32 * 1024;

export function encodeEncryptedObject(object: EncryptedObject): Buffer {
  return kmsCodec.encode("EncryptedObject", object);
}

/** Throws for what is none. */
export function decodeEncryptedObject(bytes: Uint8Array): KmsAnswer<"EncryptedObject"> {
  const object = kmsCodec.decode("EncryptedObject", bytes);
  if (object.encryptedData.length === 0) throw new Error("encrypted data is empty");
  checkEncryptedSeed(object);
  return object;
}

/** Throws where a field is not as upstream wants it. */
export function checkEncryptedSeed(seed: EncryptedSeed): void {
  const { encryptedDEKSourceType: type, encryptedDEKSource: source, keyID, annotations } = seed;
  if (type !== sourceTypes.key && type !== sourceTypes.seed) throw new Error(`unknown encryptedDEKSourceType: ${type}`);
  const failed = (what: string, why: string) => new Error(`failed to validate ${what}: ${why}`);
  if (source.length === 0) throw failed("encrypted DEK source", "encrypted DEK source is empty");
  if (source.length > mostSourceBytes)
    throw failed("encrypted DEK source", tooLong("encrypted DEK source", source, mostSourceBytes));
  const problem = findKeyIdProblem(keyID);
  if (problem) throw failed("key id", problem.message);
  checkAnnotations(annotations);
}

/** What is wrong with a plug-in's key ID; `code` is how metrics call it. */
export function findKeyIdProblem(
  keyID: string,
): { readonly code: "empty" | "too_long"; readonly message: string } | undefined {
  if (keyID === "") return { code: "empty", message: "keyID is empty" };
  const bytes = Buffer.from(keyID);
  if (bytes.length <= mostKeyIdBytes) return undefined;
  return { code: "too_long", message: tooLong("keyID", bytes, mostKeyIdBytes) };
}

function tooLong(what: string, { length }: Uint8Array, most: number): string {
  return `${what} is ${length} bytes, which exceeds the max size of ${most}`;
}

function checkAnnotations(annotations: EncryptedSeed["annotations"]): void {
  let size = 0;
  for (const [name, value] of Object.entries(annotations)) {
    size += Buffer.byteLength(name) + value.length;
    const domain = name.replace(/\.$/, "");
    const labels = domain.split(".");
    const problems = [...checkDNS1123Subdomain(domain), ...labels.flatMap((label) => checkDNS1123Label(label))];
    if (labels.length < 2) problems.push("should be a domain with at least two segments separated by dots");
    if (problems.length > 0)
      throw new Error(`failed to validate annotations: annotations: Invalid value: "${name}": ${problems.join(",")}`);
  }
  if (size > mostAnnotationBytes)
    throw new Error(
      `failed to validate annotations: total size of annotations is ${size}, which exceeds the max size of ${mostAnnotationBytes}`,
    );
}

/** The same for the same seed, whichever value it lies beside. */
export function fingerprintOf(seed: EncryptedSeed): string {
  const hash = createHash("sha256");
  const add = (bytes: Uint8Array | string) => {
    const data = typeof bytes === "string" ? Buffer.from(bytes) : bytes;
    hash.update(Buffer.from(Uint32Array.of(data.length).buffer)).update(data);
  };
  add(String(seed.encryptedDEKSourceType));
  add(seed.encryptedDEKSource);
  add(seed.keyID);
  for (const name of Object.keys(seed.annotations).sort()) {
    add(name);
    add(seed.annotations[name]!);
  }
  return hash.digest("base64");
}

/** How logs and metrics name what they do not show, such as a key's ID; "" for none. */
export function hashOf(text: string): string {
  return text === "" ? "" : `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
