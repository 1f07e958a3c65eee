// Links in pages and redirects of proxied servers: those to the root of their host are put below the proxy's path.

export interface LinkContext {
  /** The proxy's path, such as /api/v1/namespaces/default/pods/a/proxy. */
  readonly prefix: string;
  /** Hosts that mean the proxied server: its own, and the one the client has asked. */
  readonly hosts: readonly string[];
}

/** The link as it leads through the proxy; relative links and those to other hosts stay. */
export function rewriteLink(link: string, { prefix, hosts }: LinkContext): string {
  const parts = /^(?:([a-z][a-z0-9+.-]*:)?\/\/([^/?#]*))?(\/[^?#]*)?([?#].*)?$/is.exec(link);
  const [, , host, path, rest = ""] = parts ?? [];
  if (!parts || path === undefined || (host && !hosts.includes(host))) return link;
  return path.startsWith(prefix) ? link : `${prefix}${path}${rest}`;
}

const linkAttributes: Readonly<Record<string, readonly string[]>> = {
  a: ["href"],
  applet: ["codebase"],
  area: ["href"],
  audio: ["src"],
  base: ["href"],
  blockquote: ["cite"],
  body: ["background"],
  button: ["formaction"],
  command: ["icon"],
  del: ["cite"],
  embed: ["src"],
  form: ["action"],
  frame: ["longdesc", "src"],
  head: ["profile"],
  html: ["manifest"],
  iframe: ["longdesc", "src"],
  img: ["longdesc", "src", "usemap"],
  input: ["src", "usemap", "formaction"],
  ins: ["cite"],
  link: ["href"],
  object: ["classid", "codebase", "data", "usemap"],
  q: ["cite"],
  script: ["src"],
  source: ["src"],
  video: ["poster", "src"],
};

const tag = /<([a-z][a-z0-9]*)((?:\s+[^\s"'<>/=]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>`]+))?)*)\s*\/?>/gi;
const attribute = /([^\s"'<>/=]+)(\s*=\s*)(?:"([^"]*)"|'([^']*)'|([^\s"'<>`]+))/g;

/** The page with its links rewritten; all else stays as it is. */
export function rewriteHtml(page: string, context: LinkContext): string {
  return page.replace(tag, (whole, name: string, attributes: string) => {
    const links = linkAttributes[name.toLowerCase()];
    if (!links || attributes === "") return whole;
    const rewritten = attributes.replace(attribute, (text, key: string, equals: string, ...values: string[]) => {
      if (!links.includes(key.toLowerCase())) return text;
      const link = values[0] ?? values[1] ?? values[2] ?? "";
      return `${key}${equals}"${rewriteLink(link, context)}"`;
    });
    return whole.replace(attributes, () => rewritten);
  });
}
