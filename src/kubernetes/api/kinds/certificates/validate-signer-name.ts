// Names of signers: "example.com/some-signer".

import { type FieldError, invalid, quote, required, tooLong } from "../../field-error.ts";
import { checkDNS1123Label, checkDNS1123Subdomain } from "../../names.ts";

const longestDomain = 253;
const longestName = longestDomain + 1 + longestDomain + 63 + 1;

/** Of the labels of each half only the first that is wrong is told of. */
export function validateSignerName(name: string, path: string, errors: FieldError[]): void {
  if (name === "") {
    errors.push(required(path));
    return;
  }
  const [domain = "", signer, ...more] = name.split("/");
  if (signer === undefined || more.length > 0) {
    errors.push(invalid(path, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'"));
    return;
  }
  if (Buffer.byteLength(domain) > longestDomain) errors.push(tooLong(path, longestDomain));
  validateLabels(domain, path, checkDNS1123Label, errors);
  if (!domain.includes(".")) {
    errors.push(invalid(path, domain, "should be a domain with at least two segments separated by dots"));
  }
  validateLabels(signer, path, checkDNS1123Subdomain, errors);
  if (Buffer.byteLength(name) > longestName) errors.push(tooLong(path, longestName));
}

function validateLabels(text: string, path: string, check: (label: string) => string[], errors: FieldError[]): void {
  for (const label of text.split(".")) {
    const problems = check(label);
    for (const problem of problems) errors.push(invalid(path, text, `validating label ${quote(label)}: ${problem}`));
    if (problems.length > 0) return;
  }
}
