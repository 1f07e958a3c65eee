// Whose objects lie under a key of the store: keys are "/registry/<resource>/…" or "/registry/<group>/<resource>/…".

import { builtInResources } from "#kubernetes/api";
import { storagePrefix } from "./storage-prefix.ts";

export interface CollectionName {
  /** What all its keys start with. */
  readonly prefix: string;
  readonly group: string;
  readonly resource: string;
}

let builtIn: ReadonlyMap<string, CollectionName> | undefined;

/** Of a full key, or of a prefix of keys. */
export function collectionOf(fullKey: string): CollectionName {
  builtIn ??= new Map(
    builtInResources.map(({ group, resource }) => {
      const prefix = storagePrefix(group, resource);
      return [prefix, { prefix, group, resource }];
    }),
  );
  const [, root = "", first = "", second = ""] = fullKey.split("/", 4);
  const short = `/${root}/${first}/`;
  const long = `${short}${second}/`;
  return builtIn.get(long) ?? builtIn.get(short) ?? { prefix: long, group: first, resource: second };
}
