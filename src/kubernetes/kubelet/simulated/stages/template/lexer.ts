// Splits a Go template into text and actions, and actions into words.

export type Word =
  /** ".a", one name of a chain; "" is the dot alone. */
  | { readonly type: "field"; readonly name: string }
  | { readonly type: "variable"; readonly name: string }
  | { readonly type: "literal"; readonly value: string | number }
  | { readonly type: "name"; readonly text: string }
  | { readonly type: "sign"; readonly text: string }
  /** Between arguments, where it matters: `f .a.b` is one argument, `f .a .b` two. */
  | { readonly type: "space" };

export type Segment =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "action"; readonly words: readonly Word[]; readonly source: string };

const comment = /^\s*\/\*[\s\S]*\*\/\s*$/;

/** Throws where an action is not closed or has words that are none. */
export function splitTemplate(source: string): Segment[] {
  const segments: Segment[] = [];
  let at = 0;
  let trimsNext = false;
  const addText = (text: string) => {
    if (text !== "") segments.push({ type: "text", text });
  };
  for (;;) {
    const start = source.indexOf("{{", at);
    let text = source.slice(at, start < 0 ? undefined : start);
    if (trimsNext) text = text.trimStart();
    if (start < 0) {
      addText(text);
      return segments;
    }
    const trimsBefore = /^\{\{-\s/.test(source.slice(start, start + 4));
    addText(trimsBefore ? text.trimEnd() : text);
    const inside = start + (trimsBefore ? 3 : 2);
    const end = endOfAction(source, inside);
    trimsNext = /\s-$/.test(source.slice(inside, end));
    const action = source.slice(inside, trimsNext ? end - 1 : end);
    if (!comment.test(action)) segments.push({ type: "action", words: readWords(action), source: action.trim() });
    at = end + 2;
  }
}

/** Quotes may hold braces. */
function endOfAction(source: string, from: number): number {
  const quoted = /"(?:[^"\\\n]|\\.)*"|`[^`]*`|\}\}/g;
  quoted.lastIndex = from;
  for (let match = quoted.exec(source); match; match = quoted.exec(source)) {
    if (match[0] === "}}") return match.index;
  }
  throw new Error(`template: unclosed action: ${source.slice(from, from + 40)}`);
}

const rules: readonly (readonly [RegExp, (match: RegExpExecArray) => Word])[] = [
  [/\s+/y, () => ({ type: "space" })],
  [/"(?:[^"\\\n]|\\.)*"/y, (match) => ({ type: "literal", value: JSON.parse(match[0]) as string })],
  [/`([^`]*)`/y, (match) => ({ type: "literal", value: match[1]! })],
  [/[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y, (match) => ({ type: "literal", value: Number(match[0]) })],
  [/\$(\w*)/y, (match) => ({ type: "variable", name: match[1]! })],
  [/\.([A-Za-z_]\w*)?/y, (match) => ({ type: "field", name: match[1] ?? "" })],
  [/[A-Za-z_]\w*/y, (match) => ({ type: "name", text: match[0] })],
  [/:=|[()|,=]/y, (match) => ({ type: "sign", text: match[0] })],
];

function readWords(action: string): Word[] {
  const words: Word[] = [];
  let at = 0;
  while (at < action.length) {
    const before = at;
    for (const [expression, make] of rules) {
      expression.lastIndex = at;
      const match = expression.exec(action);
      if (!match) continue;
      words.push(make(match));
      at += match[0].length;
      break;
    }
    if (at === before) throw new Error(`template: unexpected ${JSON.stringify(action.slice(at, at + 10))} in action`);
  }
  return words.filter((word, index) => word.type !== "space" || (index > 0 && index < words.length - 1));
}
