// The X.509 library, loaded on first use: most clusters sign few certificates.

import { webcrypto } from "node:crypto";

export type X509 = typeof import("@peculiar/x509");

let loaded: Promise<X509> | undefined;

export function loadX509(): Promise<X509> {
  loaded ??= (async () => {
    // The library throws unless this was loaded before it.
    await import("reflect-metadata");
    const x509 = await import("@peculiar/x509");
    x509.cryptoProvider.set(webcrypto);
    return x509;
  })();
  return loaded;
}
