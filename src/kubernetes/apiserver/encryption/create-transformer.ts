// Encryption at rest as the store takes it: chooses the rule by the value's key, writes with the rule's first provider, reads
// with whichever wrote it. A value written by an older key is written anew with the next change of its object.

import type { Transformer } from "#kubernetes/store";
import { type CollectionName, collectionOf } from "../registry/resources/collection-name.ts";
import { type Cipher, createCipher } from "./ciphers.ts";
import type { EncryptionProvider, EncryptionRule } from "./encryption-configuration.ts";
import type { KmsSettings } from "./kms/kms-client.ts";

/** One key of one provider: how its values begin, and its cipher; undefined: they stay as they are. */
interface Wrapping {
  readonly prefix: Buffer;
  readonly cipher: Cipher | undefined;
}

interface Rule {
  readonly resources: ReadonlySet<string>;
  readonly wrappings: readonly Wrapping[];
}

/** The mark all encrypted values begin with. */
const mark = Buffer.from("k8s:enc:");

/**
 * Turns objects' bytes as the rules say. Reading throws where no provider of the rule has written the value. `kmsCipher` answers the
 * cipher of a KMS plug-in.
 */
export function createTransformer(
  configuration: readonly EncryptionRule[],
  kmsCipher: (settings: KmsSettings) => Cipher,
): Transformer {
  const rules = configuration.map(({ resources, providers }): Rule => {
    const wrappings = providers.flatMap((provider) => wrappingsOf(provider, kmsCipher));
    return { resources: new Set(resources), wrappings };
  });
  const known = new Map<string, Rule | undefined>();
  const ruleOf = (fullKey: string): Rule | undefined => {
    const collection = collectionOf(fullKey);
    if (!known.has(collection.prefix)) known.set(collection.prefix, findRule(rules, collection));
    return known.get(collection.prefix);
  };
  const wrappingOf = (fullKey: string, bytes: Uint8Array): Wrapping | undefined => {
    const wrappings = ruleOf(fullKey)?.wrappings ?? [plain];
    return wrappings.find(({ prefix, cipher }) => (cipher ? startsWith(bytes, prefix) : !startsWith(bytes, mark)));
  };
  return {
    toDisk(fullKey, bytes) {
      const wrapping = ruleOf(fullKey)?.wrappings[0];
      if (!wrapping?.cipher) return bytes;
      return Buffer.concat([wrapping.prefix, wrapping.cipher.encrypt(bytes, fullKey)]);
    },
    fromDisk(fullKey, bytes) {
      const found = wrappingOf(fullKey, bytes);
      if (!found) throw new Error(`Cannot decrypt ${fullKey}: no provider of its rule has written it`);
      return found.cipher ? found.cipher.decrypt(bytes.subarray(found.prefix.length), fullKey) : bytes;
    },
    prepare(fullKey, bytes, signal) {
      if (!startsWith(bytes, mark)) return undefined;
      const found = wrappingOf(fullKey, bytes);
      return found?.cipher?.prepare?.(bytes.subarray(found.prefix.length), signal);
    },
  };
}

const plain: Wrapping = { prefix: Buffer.alloc(0), cipher: undefined };

function wrappingsOf(provider: EncryptionProvider, kmsCipher: (settings: KmsSettings) => Cipher): Wrapping[] {
  if (provider.kind === "identity") return [plain];
  if (provider.kind === "kms") {
    const { settings } = provider;
    return [{ prefix: Buffer.from(`k8s:enc:kms:v2:${settings.name}:`), cipher: kmsCipher(settings) }];
  }
  const { kind, keys } = provider;
  return keys.map(({ name, secret }) => {
    return { prefix: Buffer.from(`k8s:enc:${kind}:v1:${name}:`), cipher: createCipher(kind, secret) };
  });
}

/** What rules say of the resource, or of its group, or of everything; where several do, the first writes and all read. */
function findRule(rules: readonly Rule[], { group, resource }: CollectionName): Rule | undefined {
  const names = [group === "" ? resource : `${resource}.${group}`, `*.${group}`, "*.*"];
  for (const name of names) {
    const found = rules.filter(({ resources }) => resources.has(name));
    if (found.length > 0) return { resources: new Set([name]), wrappings: found.flatMap(({ wrappings }) => wrappings) };
  }
  return undefined;
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return bytes.length >= prefix.length && Buffer.compare(bytes.subarray(0, prefix.length), prefix) === 0;
}
