// Where this machine's Debian packages come from, so that those of its nspawn machines come from there, too. Pure.

/** One source, as apt's one-line format has it. */
export interface AptSource {
  readonly uri: string;
  readonly suite: string;
  readonly components: readonly string[];
  /** The file of its keys. */
  readonly signedBy?: string;
}

/** Sources of binary packages in a file of apt's: ".sources" files have paragraphs of fields, others a line each. */
export function parseAptSources(name: string, text: string): AptSource[] {
  return name.endsWith(".sources")
    ? text.split(/\n\s*\n/).flatMap(parseParagraph)
    : text.split("\n").flatMap(parseLine);
}

function parseParagraph(text: string): AptSource[] {
  const fields = new Map<string, string>();
  for (const line of text.split("\n")) {
    const match = /^([A-Za-z-]+):\s*(.*)$/.exec(line);
    if (match) fields.set(match[1]!.toLowerCase(), match[2]!.trim());
  }
  const words = (name: string) => (fields.get(name) ?? "").split(/\s+/).filter((word) => word !== "");
  if (!words("types").includes("deb") || fields.get("enabled")?.toLowerCase() === "no") return [];
  const signedBy = fields.get("signed-by");
  return words("uris").flatMap((uri) =>
    words("suites").map((suite) => ({
      uri,
      suite,
      components: words("components"),
      ...(signedBy?.startsWith("/") && { signedBy }),
    })),
  );
}

function parseLine(line: string): AptSource[] {
  const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*([^#]*)/.exec(line);
  if (!match) return [];
  const [, options = "", uri, suite, components = ""] = match;
  const signedBy = /(?:^|\s)signed-by=(\/\S+)/.exec(options)?.[1];
  return [
    {
      uri: uri!,
      suite: suite!,
      components: components.split(/\s+/).filter((word) => word !== ""),
      ...(signedBy !== undefined && { signedBy }),
    },
  ];
}

/** Those of a release ("bookworm", "bookworm-updates", …), for another release. */
export function sourcesOf(sources: readonly AptSource[], release: string, wanted: string): AptSource[] {
  const own = new RegExp(`^${release}(-updates|-security|/updates)?$`);
  return sources
    .filter(({ suite, components }) => own.test(suite) && components.includes("main"))
    .map((source) => ({ ...source, suite: source.suite.replace(release, wanted), components: ["main"] }));
}

export function renderAptSources(sources: readonly AptSource[]): string {
  const lines = sources.map(({ uri, suite, components, signedBy }) =>
    ["deb", ...(signedBy === undefined ? [] : [`[signed-by=${signedBy}]`]), uri, suite, ...components].join(" "),
  );
  return lines.map((line) => `${line}\n`).join("");
}

/** How apt on this machine fetches, as options for another apt: proxies, and whether the clock may be off. */
export function fetchOptions(aptConfig: string): string[] {
  const kept =
    /^Acquire::(https?::(Proxy|CaInfo|Pipeline-Depth)|Check-Valid-Until|Max-ValidTime|Retries|ForceIPv[46])\b/i;
  return aptConfig.split("\n").filter((line) => kept.test(line) && !/"";$/.test(line));
}
