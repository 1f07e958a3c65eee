// Requests for certificates (PKCS #10), made with a key of the test's own.

import { type KeyObject, sign } from "node:crypto";

/** A request in PEM for the common name, signed with ECDSA and SHA-256. */
export function makeRequest(
  commonName: string,
  { privateKey, publicKey }: { readonly privateKey: KeyObject; readonly publicKey: KeyObject },
): string {
  const name = der(0x30, der(0x31, der(0x30, oid("550403"), der(0x0c, Buffer.from(commonName)))));
  const spki = publicKey.export({ format: "der", type: "spki" });
  const info = der(0x30, der(0x02, Buffer.from([0])), name, spki, der(0xa0));
  const signature = sign("sha256", info, privateKey);
  const algorithm = der(0x30, oid("2a8648ce3d040302"));
  const request = der(0x30, info, algorithm, der(0x03, Buffer.from([0]), signature));
  const lines = request.toString("base64").replace(/(.{64})/g, "$1\n");
  return `-----BEGIN CERTIFICATE REQUEST-----\n${lines}\n-----END CERTIFICATE REQUEST-----\n`;
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, "hex"));
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
