// The images that objects will have nodes pull: those of every container in them, however deep its pod's template lies. Pure.

/** As written there, each once, in order. What objects name elsewhere, in arguments or settings, nobody can tell from other text. */
export function findImages(objects: readonly unknown[]): string[] {
  const found = new Set<string>();
  for (const object of objects) visit(object, found);
  return [...found].toSorted();
}

const lists = ["containers", "initContainers", "ephemeralContainers"];

function visit(value: unknown, found: Set<string>): void {
  if (Array.isArray(value)) {
    for (const entry of value) visit(entry, found);
    return;
  }
  if (typeof value !== "object" || value === null) return;
  for (const [key, entry] of Object.entries(value)) {
    if (lists.includes(key) && Array.isArray(entry)) {
      for (const container of entry) addImage(container, found);
    }
    visit(entry, found);
  }
}

function addImage(container: unknown, found: Set<string>): void {
  const image = (container as { readonly image?: unknown } | null)?.image;
  if (typeof image === "string" && image !== "") found.add(image);
}
