// The one refusal that defaulting may have to make: a value of the right type that upstream's conversion cannot read.

import { type KubeObject, parseApiVersion } from "../resource.ts";
import { badRequest, type StatusError } from "../status-error.ts";

/** The error as decoding words it. */
export function refuseConversion({ apiVersion = "", kind = "" }: KubeObject, why: string): StatusError {
  const { version } = parseApiVersion(apiVersion);
  return badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${why}`);
}
