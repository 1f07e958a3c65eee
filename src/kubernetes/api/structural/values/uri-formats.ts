// The formats "uri" and "email": what Go's url.ParseRequestURI and mail.ParseAddress take.

const controlCharacters = /\p{Cc}/u;

/** An absolute URI, or an absolute path. */
export function isRequestUri(text: string): boolean {
  if (text === "") return false;
  if (text === "*") return true;
  if (controlCharacters.test(text)) return false;
  const scheme = /^[a-zA-Z][a-zA-Z0-9+.-]*:/.exec(text)?.[0] ?? "";
  const rest = text.slice(scheme.length).split("?")[0]!;
  if (!rest.startsWith("/")) return scheme !== "";
  if (!rest.startsWith("//") || (scheme === "" && rest.startsWith("///"))) return areEscapesWhole(rest);
  const [authority = "", ...path] = rest.slice(2).split("/");
  return isAuthority(authority) && areEscapesWhole(path.join("/"));
}

function areEscapesWhole(text: string): boolean {
  return !/%(?![0-9a-fA-F]{2})/.test(text);
}

function isAuthority(authority: string): boolean {
  const at = authority.lastIndexOf("@");
  if (at >= 0 && !/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(authority.slice(0, at))) return false;
  const host = authority.slice(at + 1);
  const bracketed = /^\[([^\]]*)\](.*)$/.exec(host);
  if (bracketed) return /^(:\d*)?$/.test(bracketed[2]!);
  const [name = "", port, ...more] = host.split(":");
  if (more.length > 0 || (port !== undefined && !/^\d*$/.test(port))) return false;
  return !/[ "<>\\^`{|}#]/.test(name) && areEscapesWhole(name);
}

const atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~\\u0080-\\uffff-]+";
const quoted = '"(?:[^"\\\\\\r\\n]|\\\\.)*"';
const local = `(?:${atom}(?:\\.${atom})*|${quoted})`;
const address = new RegExp(`^\\s*${local}@(?:${atom}(?:\\.${atom})*|\\[[^\\]]*\\])\\s*$`);
const displayName = new RegExp(`^\\s*(?:${quoted}|[^"<>@,;:()\\[\\]\\\\]*)\\s*$`);

/** An address, alone or in angle brackets after a name. */
export function isEmailAddress(text: string): boolean {
  const start = text.lastIndexOf("<");
  if (start < 0) return address.test(text);
  const [inner = "", rest] = text.slice(start + 1).split(">");
  return displayName.test(text.slice(0, start)) && rest?.trim() === "" && address.test(inner);
}
