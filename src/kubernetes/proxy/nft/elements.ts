// Elements of sets and maps: what changed between two collections, and the commands that bring it about. Pure.

/** What a set or map holds: from key to what follows it, "" in a set. A comment is no part of what makes elements equal. */
export interface Element {
  /** What a map leads to: a verdict, or an address and port. Absent in sets. */
  readonly value?: string;
  readonly comment?: string;
}

/** Elements by container, then by key. */
export type Elements = ReadonlyMap<string, ReadonlyMap<string, Element>>;

export class ElementCollector {
  readonly elements = new Map<string, Map<string, Element>>();

  add(container: string, key: string, element: Element = {}): void {
    let keys = this.elements.get(container);
    if (!keys) {
      keys = new Map();
      this.elements.set(container, keys);
    }
    keys.set(key, element);
  }
}

/** Fills `removed` and `added` with what leads from one collection to the other; a changed value is both. */
export function diffElements(
  before: Elements,
  after: Elements,
  into: { readonly removed: ElementCollector; readonly added: ElementCollector },
): void {
  for (const [container, keys] of before) {
    const kept = after.get(container);
    for (const [key, element] of keys) {
      const now = kept?.get(key);
      if (now === undefined || now.value !== element.value) into.removed.add(container, key);
    }
  }
  for (const [container, keys] of after) {
    const known = before.get(container);
    for (const [key, element] of keys) {
      const old = known?.get(key);
      if (old === undefined || old.value !== element.value) into.added.add(container, key, element);
    }
  }
}

/** One command per container; a table is "ip name". */
export function renderElements(verb: "add" | "delete", table: string, { elements }: ElementCollector): string[] {
  const commands: string[] = [];
  for (const [container, keys] of elements) {
    if (keys.size === 0) continue;
    const list: string[] = [];
    for (const [key, element] of keys) list.push(verb === "add" ? renderElement(key, element) : key);
    commands.push(`${verb} element ${table} ${container} { ${list.join(", ")} }`);
  }
  return commands;
}

function renderElement(key: string, { value, comment }: Element): string {
  return `${key}${comment === undefined ? "" : ` comment "${comment}"`}${value === undefined ? "" : ` : ${value}`}`;
}
