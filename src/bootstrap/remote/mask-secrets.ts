// Takes secrets out of what people and files get to see: whatever a description marks as secret, wherever a command may repeat it.

import type { MachineDescription } from "../machine-description.ts";

/** Shorter lines are no secrets by themselves (braces, field names), and would make everything unreadable. */
const shortestSecret = 12;
const mask = "***";

/** A function that masks the description's secrets, and `others` that are none of its files (tokens in arguments). */
export function createMask(
  description: Pick<MachineDescription, "files">,
  others: readonly string[] = [],
): (text: string) => string {
  const found = new Set(others.filter((secret) => secret.length > 0));
  for (const { content, secret } of description.files) {
    if (!secret) continue;
    const text = typeof content === "string" ? content : Buffer.from(content).toString("latin1");
    for (const word of text.split(/[\s"'=,]+/)) if (isSecret(word)) found.add(word);
  }
  // Longer ones first: a shorter one may be a part of them.
  const ordered = [...found].toSorted((one, other) => other.length - one.length);
  return (text) => ordered.reduce((masked, secret) => masked.replaceAll(secret, mask), text);
}

/** Words of certificates and tokens; paths, names and addresses are not secret, and help to understand what went wrong. */
function isSecret(word: string): boolean {
  return word.length >= shortestSecret && !word.startsWith("/") && /^[A-Za-z0-9+/._=-]+$/.test(word) && /\d/.test(word);
}
