// Finds the keys that occur twice in a mapping, with their lines, for the words of upstream's strict YAML reader.

import { EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE, type ScalarEvent } from "js-yaml";
import { quote } from "../go-format.ts";
import { keyText, resolvePlain } from "./tags.ts";

/** The one error upstream answers for all of them; empty where there are none. */
export function listDuplicateKeys(text: string): string[] {
  const lines: string[] = [];
  const open: Container[] = [];
  for (const event of parseEvents(text, {})) {
    // A value's key is entered when the value is complete: what is wrong inside is told first.
    const parent = open.at(-1);
    const found = event.type === EVENT_ID.POP ? open.pop()?.found : parent && enter(parent, event, text);
    const isContainer = event.type !== EVENT_ID.SCALAR && event.type !== EVENT_ID.ALIAS && event.type !== EVENT_ID.POP;
    if (isContainer) open.push(createContainer(event, found));
    else if (found !== undefined) lines.push(found);
  }
  return lines.length === 0 ? [] : [`yaml: unmarshal errors:\n${lines.map((line) => `  ${line}`).join("\n")}`];
}

/** A document, list or mapping that is not closed yet. */
interface Container {
  readonly isMapping: boolean;
  readonly keys: Set<string>;
  /** The key whose value comes next. */
  key: ScalarEvent | "other" | undefined;
  /** What is wrong with the key under which it stands itself. */
  readonly found: string | undefined;
}

function createContainer(event: Event, found: string | undefined): Container {
  return { isMapping: event.type === EVENT_ID.MAPPING, keys: new Set(), key: undefined, found };
}

/** Takes the next key or value of a mapping; answers the error where a value's key was there before. */
function enter(mapping: Container, event: Event, text: string): string | undefined {
  if (!mapping.isMapping) return undefined;
  if (mapping.key === undefined) {
    mapping.key = event.type === EVENT_ID.SCALAR ? event : "other";
    return undefined;
  }
  const key = mapping.key;
  mapping.key = undefined;
  if (key === "other") return undefined;
  const name = getScalarValue(text, key);
  const value = key.style === SCALAR_STYLE.PLAIN ? (resolvePlain(name) ?? name) : name;
  const identity = keyText(value) ?? "";
  if (!mapping.keys.has(identity)) {
    mapping.keys.add(identity);
    return undefined;
  }
  const shown = typeof value === "string" ? quote(value) : identity;
  return `line ${lineOf(text, startOf(event) ?? key.valueEnd)}: key ${shown} already set in map`;
}

/** Where a value begins; undefined for an alias, or where there is nothing. */
function startOf(event: Event): number | undefined {
  if (event.type === EVENT_ID.SCALAR) return event.valueEnd > event.valueStart ? event.valueStart : undefined;
  return event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE ? event.start : undefined;
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}
