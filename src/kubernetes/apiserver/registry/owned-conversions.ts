// Ownership of fields is told at each manager's own version of the API. Where versions are converted by others (a webhook), the
// pure algorithm cannot wait for them: it is run until every conversion it asks for has been made.

import type { ConvertVersion } from "#kubernetes/api";

type Convertible = Parameters<ConvertVersion>[0];
type Converted = ReturnType<ConvertVersion>;

/** As ConvertVersion, but its answer takes time. */
export type ConvertLater = (object: Convertible, apiVersion: string) => Promise<Converted>;

/** Calls `act` until it needs no conversion that is not there. It must do nothing but compute. */
export async function withConversions<T>(convertLater: ConvertLater, act: (convert: ConvertVersion) => T): Promise<T> {
  const known = new Map<string, Converted>();
  const convert: ConvertVersion = (object, apiVersion) => {
    const key = `${apiVersion} ${JSON.stringify(object)}`;
    if (!known.has(key)) throw new NeedsConversion(key, object, apiVersion);
    return known.get(key);
  };
  for (;;) {
    try {
      return act(convert);
    } catch (error) {
      if (!(error instanceof NeedsConversion)) throw error;
      known.set(error.key, await convertLater(error.object, error.apiVersion));
    }
  }
}

class NeedsConversion extends Error {
  readonly key: string;
  readonly object: Convertible;
  readonly apiVersion: string;

  constructor(key: string, object: Convertible, apiVersion: string) {
    super(`Cannot go on: an object is not converted to ${apiVersion} yet`);
    this.key = key;
    this.object = object;
    this.apiVersion = apiVersion;
  }
}
