// What labels and taints may be called, by Kubernetes' rules: a node that is to have others never joins, and OpenTofu would take some
// for expressions.

import { z } from "zod";

const longest = 63;
const longestPrefix = 253;
const word = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

function isWord(text: string): boolean {
  return text.length <= longest && word.test(text);
}

/** "tier", "example.com/tier". */
export function isLabelKey(text: string): boolean {
  const [name = "", prefix, ...rest] = text.split("/").toReversed();
  if (rest.length > 0 || !isWord(name)) return false;
  return prefix === undefined || (prefix.length <= longestPrefix && subdomain.test(prefix));
}

export function isLabelValue(text: string): boolean {
  return text === "" || isWord(text);
}

const letters = "letters, digits, '-', '_' and '.', a letter or digit first and last";

export const labelKeySchema = z
  .string()
  .refine(
    isLabelKey,
    `must be a name of at most ${longest} ${letters}, such as "tier", or one behind a domain, such as "example.com/tier"`,
  );

export const labelValueSchema = z.string().refine(isLabelValue, `must be empty or at most ${longest} ${letters}`);
