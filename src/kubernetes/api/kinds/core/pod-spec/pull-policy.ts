// When images are pulled: what is allowed, and what follows from an image's tag.

import { type FieldError, notSupported, required } from "../../../field-error.ts";

const policies = ["Always", "IfNotPresent", "Never"];

export function validatePullPolicy(policy: string | undefined, path: string, errors: FieldError[]): void {
  if (!policy) errors.push(required(path));
  else if (!policies.includes(policy)) errors.push(notSupported(path, policy, policies));
}

/** An image without tag and digest, or tagged "latest", may change, so it is always pulled. */
export function defaultPullPolicy(image: string): "Always" | "IfNotPresent" {
  return isLatest(image) ? "Always" : "IfNotPresent";
}

const domainPart = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const domain = `(?:${domainPart}(?:\\.${domainPart})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const pathPart = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const tag = "\\w[\\w.-]{0,127}";
const digest = "(?:sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})";
const reference = new RegExp(`^((?:${domain}/)?${pathPart}(?:/${pathPart})*)(?::(${tag}))?(?:@(${digest}))?$`);
const identifier = /^[a-f0-9]{64}$/;
const longestName = 255;

/** What is no reference to an image has no tag either. */
function isLatest(image: string): boolean {
  if (identifier.test(image)) return false;
  const match = reference.exec(withRegistry(image));
  if (!match || (match[1] ?? "").length > longestName) return false;
  return match[2] === undefined ? match[3] === undefined : match[2] === "latest";
}

/** "nginx" is docker.io/library/nginx: the first part is a registry only if it looks like a host. */
function withRegistry(image: string): string {
  const slash = image.indexOf("/");
  const first = image.slice(0, slash);
  const isHost = slash >= 0 && (/[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase());
  if (isHost) return image;
  return slash < 0 ? `docker.io/library/${image}` : `docker.io/${image}`;
}
