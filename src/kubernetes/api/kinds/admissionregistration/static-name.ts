// Names that are kept for what is configured by files.

import { quote } from "../../field-error.ts";

const staticSuffix = ".static.k8s.io";

export function warnOfStaticName({ name = "" }: { readonly name?: string }): string[] {
  if (!name.endsWith(staticSuffix)) return [];
  const what = "are reserved for static manifest-based configurations and cannot be managed via the API";
  return [`metadata.name: names ending with ${quote(staticSuffix)} ${what}`];
}
