// Base64 as Go's StdEncoding reads it: line breaks are skipped, padding is wanted, unused bits may be anything.

/** The canonical text, or what is wrong in Go's words. */
export function canonicalizeBase64(text: string): { readonly text: string } | { readonly error: string } {
  if (text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text) && hasCanonicalEnd(text)) return { text };
  const at = findCorruption(text);
  if (at !== undefined) return { error: `illegal base64 data at input byte ${at}` };
  return { text: Buffer.from(text, "base64").toString("base64") };
}

/** Ends without padding, or in padding after bits that are 0. */
function hasCanonicalEnd(text: string): boolean {
  if (!text.endsWith("=")) return true;
  const end = text.slice(-4);
  return Buffer.from(end, "base64").toString("base64") === end;
}

/** The byte Go complains about; undefined where it is content. */
function findCorruption(text: string): number | undefined {
  // Go counts bytes; Latin-1 text has one unit per byte.
  const bytes = Buffer.from(text).toString("latin1");
  let digits = 0;
  for (let at = 0; at < bytes.length; at++) {
    const character = bytes.charAt(at);
    if (character === "\n" || character === "\r") continue;
    if (character === "=") return findCorruptPadding(bytes, at, digits % 4);
    if (!/[A-Za-z0-9+/]/.test(character)) return at;
    digits++;
  }
  return digits % 4 === 0 ? undefined : bytes.length - (digits % 4);
}

function findCorruptPadding(bytes: string, first: number, digits: number): number | undefined {
  if (digits < 2) return first;
  let at = skipBreaks(bytes, first + 1);
  if (digits === 2) {
    if (at === bytes.length) return at;
    if (bytes[at] !== "=") return at - 1;
    at = skipBreaks(bytes, at + 1);
  }
  return at < bytes.length ? at : undefined;
}

function skipBreaks(bytes: string, at: number): number {
  while (bytes[at] === "\n" || bytes[at] === "\r") at++;
  return at;
}
