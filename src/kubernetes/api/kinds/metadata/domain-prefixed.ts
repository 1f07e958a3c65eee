// Names with a domain before a slash ("acme.io/foo"): a path behind it, or a key such as a label's.

import { type FieldError, invalid, required } from "../../field-error.ts";
import { checkDNS1123Subdomain, checkQualifiedName, regexError } from "../../names.ts";
import { reportInvalid } from "../report.ts";

const pathFormat = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
const pathExpression = new RegExp(`^${pathFormat}$`);

/** "acme.io/some/path". */
export function validateDomainPrefixedPath(text: string, field: string, errors: FieldError[]): void {
  const slash = text.indexOf("/");
  if (text === "") errors.push(required(field));
  else if (slash <= 0 || slash === text.length - 1) {
    errors.push(invalid(field, text, 'must be a domain-prefixed path (such as "acme.io/foo")'));
  } else {
    const [host, path] = [text.slice(0, slash), text.slice(slash + 1)];
    reportInvalid(errors, field, host, checkDNS1123Subdomain(host));
    if (!pathExpression.test(path)) errors.push(invalid(field, path, regexError("Invalid path", pathFormat)));
  }
}

/** "acme.io/key". */
export function validateDomainPrefixedKey(text: string, field: string, errors: FieldError[]): void {
  if (text === "") {
    errors.push(required(field));
    return;
  }
  const problems = checkQualifiedName(text);
  reportInvalid(errors, field, text, problems);
  if (problems.length > 0 || text.includes("/")) return;
  errors.push(invalid(field, text, 'must be a domain-prefixed key (such as "acme.io/foo")'));
}
