// Names of kinds whose rules upstream has begun to declare in their types (the format k8s-long-name).

import { checkDNSSubdomainName, checkPathSegmentPrefix } from "../../names.ts";

/** A DNS subdomain as elsewhere, with one word changed. Prefixes (generateName) must only stay in their path. */
export function checkLongName(name: string, isPrefix: boolean): string[] {
  if (isPrefix) return checkPathSegmentPrefix(name);
  return checkDNSSubdomainName(name, isPrefix).map((problem) =>
    problem.replace("must be no more than 253 characters", "must be no more than 253 bytes"),
  );
}
