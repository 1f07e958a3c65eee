// Blocks of PEM in a text: what stands outside of them is passed over, as Go's encoding/pem does.

export interface PemBlock {
  readonly type: string;
  readonly bytes: Buffer;
  readonly hasHeaders: boolean;
  /** The block as it stands in the text. */
  readonly text: string;
}

const blockFormat = /^-----BEGIN ([^\n]*?)-----[ \t]*\r?\n([\s\S]*?)^-----END \1-----[ \t]*\r?$/gm;

export function readPemBlocks(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  for (const [whole, type = "", inside = ""] of text.matchAll(blockFormat)) {
    const headers = /^(?:[^\n:]+:[^\n]*\n)+\r?\n?/.exec(inside)?.[0] ?? "";
    const body = inside.slice(headers.length).replace(/\s+/g, "");
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(body)) continue;
    blocks.push({ type, bytes: Buffer.from(body, "base64"), hasHeaders: headers !== "", text: whole });
  }
  return blocks;
}
