// JSON values to YAML, as answers with Accept: application/yaml show them: keys sorted, lists not indented, texts quoted where
// a YAML 1.1 reader would take them for something else.

import { DEFAULT_SCALAR_STYLE_RULES, dump, SCALAR_STYLE, type ScalarLayout, type ScalarStyleRule } from "js-yaml";
import { compareNaturally } from "./natural-order.ts";
import { resolvePlain } from "./tags.ts";

/** The YAML of a JSON value, ending in a line break. */
export function formatYaml(value: unknown): string {
  return dump(value, {
    noRefs: true,
    lineWidth: -1,
    seqNoIndent: true,
    sortKeys: (a: unknown, b: unknown) => compareNaturally(String(a), String(b)),
    scalarStyleRules: styleRules,
  });
}

const { doubleQuoteForInvisibles, quoteInvalidPlain, fallbackToDoubleQuoted } = DEFAULT_SCALAR_STYLE_RULES;

const styleRules: readonly ScalarStyleRule[] = [
  doubleQuoteForInvisibles,
  doubleQuoteAmbiguous,
  keepLines,
  quoteInvalidPlain,
  fallbackToDoubleQuoted,
];

function doubleQuoteAmbiguous(layout: ScalarLayout): void {
  if (layout.style !== SCALAR_STYLE.PLAIN || layout.node.tag !== "tag:yaml.org,2002:str") return;
  if (isAmbiguous(layout.node.value)) layout.style = SCALAR_STYLE.DOUBLE_QUOTED;
}

function isAmbiguous(text: string): boolean {
  if (resolvePlain(text) !== undefined || text === "<<") return true;
  const sexagesimal = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;
  const date = /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt ][0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}.*)?$/;
  return sexagesimal.test(text) || date.test(text);
}

function keepLines(layout: ScalarLayout): void {
  if (layout.style !== SCALAR_STYLE.PLAIN || layout.isKey || !layout.node.value.includes("\n")) return;
  const mayBeBlock = (layout.allowedStylesMask & (1 << SCALAR_STYLE.LITERAL_BLOCK)) !== 0;
  layout.style = mayBeBlock ? SCALAR_STYLE.LITERAL_BLOCK : SCALAR_STYLE.DOUBLE_QUOTED;
}
