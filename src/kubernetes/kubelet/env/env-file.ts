// Reads one variable of an env file (fileKeyRef): NAME='value' lines, values in single quotes, which may span lines.

/** The variable's value; undefined where the file does not set it. Throws for a line that is none, in upstream's words. */
export function readEnvFile(text: string, key: string): string | undefined {
  const lines = text.split("\n");
  for (let number = 1; number <= lines.length; number++) {
    const line = lines[number - 1]!.replace(/^[ \t]+/, "");
    if (line === "" || line.startsWith("#")) continue;
    const { name, rest } = splitAssignment(line, number);
    if (/^[ \t]/.test(rest)) {
      if (name === key) return undefined;
      continue;
    }
    if (!rest.startsWith("'")) throw problem(number, "value must be enclosed in single quotes");
    const quoted = readQuoted(lines, number, rest.slice(1));
    if (name === key) return quoted.value;
    number = quoted.lastLine;
  }
  return undefined;
}

function splitAssignment(line: string, number: number): { name: string; rest: string } {
  const equals = line.indexOf("=");
  if (equals < 0) throw problem(number, "missing '='");
  const before = line.slice(0, equals);
  const name = before.replace(/[ \t]+$/, "");
  if (name === "") throw problem(number, "empty variable name");
  if (name !== before) throw problem(number, "whitespace before '=' is not allowed");
  return { name, rest: line.slice(equals + 1) };
}

/** What is quoted, from after the opening quote in line `first`. */
function readQuoted(lines: readonly string[], first: number, rest: string): { value: string; lastLine: number } {
  let value = "";
  for (let number = first; ; number++) {
    const close = rest.indexOf("'");
    if (close >= 0) {
      const after = rest.slice(close + 1).replace(/^[ \t]+/, "");
      if (after !== "" && !after.startsWith("#")) throw problem(number, "unexpected content after closing quote");
      return { value: value + rest.slice(0, close), lastLine: number };
    }
    value += `${rest}\n`;
    const next = lines[number];
    if (next === undefined) throw problem(first, "unclosed single quote");
    rest = next;
  }
}

function problem(line: number, what: string): Error {
  return new Error(`invalid environment variable format at line ${line}: ${what}`);
}
