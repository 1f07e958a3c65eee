// The little of a PKCS #10 request admission has to know: the organizations in its subject.

import { Refusal } from "../refusal.ts";

/** Reads the O values of a request in PEM, itself in base64 as objects carry it. Throws when it is no request. */
export function readRequestOrganizations(request: string): string[] {
  const pem = Buffer.from(request, "base64").toString("latin1");
  const body = /-----BEGIN CERTIFICATE REQUEST-----([^-]+)-----END CERTIFICATE REQUEST-----/.exec(pem)?.[1];
  if (body === undefined) throw new Refusal("failed to parse CSR: PEM block type must be CERTIFICATE REQUEST");
  try {
    return organizationsOf(Buffer.from(body, "base64"));
  } catch (error) {
    throw new Refusal(`failed to parse CSR: ${(error as Error).message}`);
  }
}

interface Element {
  readonly tag: number;
  readonly content: Buffer;
}

const organizationOid = Buffer.from([0x55, 0x04, 0x0a]);

/** The subject is the second element of the request's info, after its version. */
function organizationsOf(der: Buffer): string[] {
  const [outer] = readElements(der);
  const [info] = readElements(outer!.content);
  const [, subject] = readElements(info!.content);
  const organizations: string[] = [];
  for (const relative of readElements(subject!.content)) {
    for (const attribute of readElements(relative.content)) {
      const [type, value] = readElements(attribute.content);
      if (type && value && type.content.equals(organizationOid)) organizations.push(value.content.toString("utf8"));
    }
  }
  return organizations;
}

function readElements(bytes: Buffer): Element[] {
  const elements: Element[] = [];
  let at = 0;
  while (at < bytes.length) {
    const tag = bytes[at]!;
    let length = bytes[at + 1] ?? 0;
    at += 2;
    if (length & 0x80) {
      const count = length & 0x7f;
      if (count === 0 || count > 4 || at + count > bytes.length) throw new Refusal("bad length");
      length = bytes.readUIntBE(at, count);
      at += count;
    }
    if (at + length > bytes.length) throw new Refusal("data truncated");
    elements.push({ tag, content: bytes.subarray(at, at + length) });
    at += length;
  }
  return elements;
}
