// Tables as kubectl prints them: columns padded with three blanks, no lines.

/** Rows of equal length under a header. Ends with a line end. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("   ")
      .trimEnd(),
  );
  return `${lines.join("\n")}\n`;
}
