// Argument lists as text for a shell on the other side.

/** The words as one command line of a POSIX shell, each exactly as it is. */
export function quoteArguments(argv: readonly string[]): string {
  return argv.map(quoteWord).join(" ");
}

function quoteWord(word: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
