// $(NAME) in commands, arguments and values: upstream's expansion. "$$" is a dollar sign; what names nothing stays as it is.

export type Variables = Readonly<Record<string, string>>;

/** `lookup` answers undefined for a name that is not known: the reference is left as written. */
export function expand(text: string, lookup: (name: string) => string | undefined): string {
  return text.replace(/\$\$|\$\(([^)]*)\)/g, (whole, name: string | undefined) => {
    if (name === undefined) return "$";
    return lookup(name) ?? whole;
  });
}

/** Expands each text with what the variables say. */
export function expandAll(texts: readonly string[] | undefined, variables: Variables): string[] {
  return (texts ?? []).map((text) =>
    expand(text, (name) => (Object.hasOwn(variables, name) ? variables[name] : undefined)),
  );
}
