// What clients are told of APIs that are going away.

import { type Call, warn } from "../call.ts";

const deprecated: Readonly<Record<string, string>> = {
  "/v1/componentstatuses": "v1 ComponentStatus is deprecated in v1.19+",
  "/v1/endpoints": "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
};

/** Warns whoever is outside of this process; the server's own parts know. */
export function warnOfDeprecation(call: Call): void {
  const { apiGroup, apiVersion, resource } = call.info;
  const text = apiGroup === "" ? deprecated[`/${apiVersion}/${resource}`] : undefined;
  if (text === undefined || !call.connection) return;
  call.deprecation = text;
  warn(call, text);
}
