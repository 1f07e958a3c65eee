// Domain names of two parts at least: "example.com", with or without a final dot.

import { type FieldError, invalid, required } from "../../field-error.ts";
import { checkDNS1123Label, checkDNS1123Subdomain } from "../../names.ts";

/** Upstream's IsFullyQualifiedDomainName, which stops at the first thing that is wrong. */
export function validateDomainName(name: string, path: string, errors: FieldError[]): void {
  if (name === "") {
    errors.push(required(path));
    return;
  }
  const bare = name.endsWith(".") ? name.slice(0, -1) : name;
  const problems = checkDNS1123Subdomain(bare);
  const labels = bare.split(".");
  const badLabel = labels.find((label) => checkDNS1123Label(label).length > 0);
  if (problems.length > 0) errors.push(invalid(path, bare, problems.join(",")));
  else if (labels.length < 2) {
    errors.push(invalid(path, bare, "should be a domain with at least two segments separated by dots"));
  } else if (badLabel !== undefined) errors.push(invalid(path, badLabel, checkDNS1123Label(badLabel).join(",")));
}
