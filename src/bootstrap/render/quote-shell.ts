// Words as a POSIX shell reads them back, byte for byte.

const plain = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** One word. Throws for a NUL, which no argument can hold. */
export function quoteShell(word: string): string {
  if (word.includes("\0")) throw new Error("Cannot quote a word for a shell: it holds a NUL");
  return plain.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

export function quoteWords(words: readonly string[]): string {
  return words.map(quoteShell).join(" ");
}
