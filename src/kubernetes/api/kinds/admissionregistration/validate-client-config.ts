// How a webhook is reached: a URL, or a service of the cluster.

import { child, type FieldError, invalid, quote, required } from "../../field-error.ts";
import type { ServiceReference } from "../../generated/types.ts";
import { checkDNS1123Subdomain, checkPortNumber } from "../../names.ts";

interface ClientConfig {
  readonly url?: string;
  readonly service?: ServiceReference;
}

export function validateClientConfig({ url, service }: ClientConfig, path: string, errors: FieldError[]): void {
  if ((url === undefined) === (service === undefined)) {
    errors.push(required(path, "exactly one of url or service is required"));
  } else if (url !== undefined) validateWebhookURL(url, child(path, "url"), errors);
  else if (service) validateWebhookService(service, child(path, "service"), errors);
}

const form = "; desired format: https://host[/path]";
const urlParts = /^(?:([a-z][a-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/is;

export function validateWebhookURL(url: string, path: string, errors: FieldError[]): void {
  const problem = describeURLProblem(url);
  if (problem !== undefined) {
    errors.push(required(path, `url must be a valid URL: parse ${quote(url)}: ${problem}${form}`));
    return;
  }
  const [, scheme = "", authority = "", , query = "", fragment = ""] = urlParts.exec(url)!;
  const at = authority.lastIndexOf("@");
  if (scheme.toLowerCase() !== "https") {
    errors.push(invalid(path, scheme.toLowerCase(), `'https' is the only allowed URL scheme${form}`));
  }
  if (authority.slice(at + 1) === "") errors.push(invalid(path, "", `host must be specified${form}`));
  if (at >= 0) errors.push(invalid(path, authority.slice(0, at), "user information is not permitted in the URL"));
  if (fragment !== "") errors.push(invalid(path, fragment, "fragments are not permitted in the URL"));
  if (query !== "") errors.push(invalid(path, query, "query parameters are not permitted in the URL"));
}

/** What Go's url.Parse minds. */
function describeURLProblem(url: string): string | undefined {
  if (/\p{Cc}/u.test(url)) return "net/url: invalid control character in URL";
  if (url.startsWith(":")) return "missing protocol scheme";
  const [, scheme, authority, rest = ""] = urlParts.exec(url) ?? [];
  if (scheme === undefined && authority === undefined && /^[^/]*:/.test(rest)) {
    return "first path segment in URL cannot contain colon";
  }
  const badEscape = /%(?![0-9a-f]{2}).{0,2}/is.exec(url)?.[0];
  if (badEscape !== undefined) return `invalid URL escape ${quote(badEscape)}`;
  const port = /:([^:\]]*)$/.exec(authority?.replace(/^.*@/, "") ?? "")?.[1];
  return port !== undefined && !/^\d*$/.test(port) ? `invalid port ${quote(`:${port}`)} after host` : undefined;
}

/** Upstream confuses name and namespace: what is missing is told of the other one. */
export function validateWebhookService(service: ServiceReference, path: string, errors: FieldError[]): void {
  const { name, namespace, port = 0, path: urlPath } = service;
  if (!namespace) errors.push(required(child(path, "name")));
  if (!name) errors.push(required(child(path, "namespace")));
  const problems = checkPortNumber(port);
  if (problems.length > 0) errors.push(invalid(child(path, "port"), port, `port is not valid: ${problems.join(", ")}`));
  if (urlPath !== undefined) validateURLPath(urlPath, child(path, "path"), errors);
}

function validateURLPath(text: string, path: string, errors: FieldError[]): void {
  if (text === "" || text === "/") return;
  if (text === "//") {
    errors.push(invalid(path, text, "segment[0] may not be empty"));
    return;
  }
  if (!text.startsWith("/")) errors.push(invalid(path, text, "must start with a '/'"));
  for (const [index, segment] of text.slice(1).replace(/\/$/, "").split("/").entries()) {
    if (segment === "") errors.push(invalid(path, text, `segment[${index}] may not be empty`));
    else {
      for (const problem of checkDNS1123Subdomain(segment)) {
        errors.push(invalid(path, text, `segment[${index}]: ${problem}`));
      }
    }
  }
}
