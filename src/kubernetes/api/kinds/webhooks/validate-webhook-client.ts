// Checks of how a webhook is reached (apiserver's util/webhook): a URL, or a service, and the authorities it is trusted by.

import { X509Certificate } from "node:crypto";
import { child, type FieldError, invalid, required } from "../../field-error.ts";
import { checkDNS1123Subdomain, checkPortNumber } from "../../names.ts";

const form = "; desired format: https://host[/path]";

export function validateWebhookUrl(text: string, path: string): FieldError[] {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    if (!/^[a-zA-Z][a-zA-Z0-9+.-]*:/.test(text)) return validateParts({ scheme: "", host: "" }, path);
    return [required(path, `url must be a valid URL: parse ${JSON.stringify(text)}: invalid URI${form}`)];
  }
  const { username, password } = url;
  const user = password === "" ? username : `${username}:${password}`;
  return validateParts(
    {
      scheme: url.protocol.replace(/:$/, ""),
      host: url.host,
      ...(user !== "" && { user }),
      fragment: url.hash.slice(1),
      query: url.search.slice(1),
    },
    path,
  );
}

interface UrlParts {
  readonly scheme: string;
  readonly host: string;
  readonly user?: string;
  readonly fragment?: string;
  readonly query?: string;
}

function validateParts({ scheme, host, user, fragment, query }: UrlParts, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (scheme !== "https") errors.push(invalid(path, scheme, `'https' is the only allowed URL scheme${form}`));
  if (host === "") errors.push(invalid(path, host, `host must be specified${form}`));
  if (user !== undefined) errors.push(invalid(path, user, "user information is not permitted in the URL"));
  if (fragment) errors.push(invalid(path, fragment, "fragments are not permitted in the URL"));
  if (query) errors.push(invalid(path, query, "query parameters are not permitted in the URL"));
  return errors;
}

export interface WebhookService {
  readonly namespace?: string;
  readonly name?: string;
  readonly path?: string;
  readonly port?: number;
}

export function validateWebhookService(service: WebhookService, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!service.name) errors.push(required(child(path, "name")));
  if (!service.namespace) errors.push(required(child(path, "namespace")));
  const problems = checkPortNumber(service.port ?? 0);
  if (problems.length > 0) {
    errors.push(invalid(child(path, "port"), service.port ?? 0, `port is not valid: ${problems.join(", ")}`));
  }
  return [...errors, ...checkServicePath(service.path, child(path, "path"))];
}

function checkServicePath(text: string | undefined, path: string): FieldError[] {
  if (text === undefined || text === "" || text === "/") return [];
  if (text === "//") return [invalid(path, text, "segment[0] may not be empty")];
  const errors: FieldError[] = [];
  if (!text.startsWith("/")) errors.push(invalid(path, text, "must start with a '/'"));
  const segments = text.slice(1).replace(/\/$/, "").split("/");
  for (const [index, segment] of segments.entries()) {
    if (segment === "") errors.push(invalid(path, text, `segment[${index}] may not be empty`));
    else
      for (const why of checkDNS1123Subdomain(segment)) errors.push(invalid(path, text, `segment[${index}]: ${why}`));
  }
  return errors;
}

/** `bundle` is base64, as the API shows it. */
export function validateCABundle(bundle: string, path: string): FieldError[] {
  const problem = findBundleProblem(bundle);
  return problem === undefined ? [] : [invalid(path, bundle, problem)];
}

function findBundleProblem(bundle: string): string | undefined {
  const text = Buffer.from(bundle, "base64").toString("latin1");
  if (text === "") return undefined;
  const refusal = "unable to load root certificates: unable to parse bytes as PEM block";
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g);
  if (!blocks) return refusal;
  for (const block of blocks) {
    try {
      new X509Certificate(block);
    } catch (error) {
      return `unable to load root certificates: failed to parse certificate: ${(error as Error).message}`;
    }
  }
  return undefined;
}
