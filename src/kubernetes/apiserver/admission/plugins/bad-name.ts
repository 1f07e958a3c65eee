// Names that no object can have: upstream's client, which its plug-ins look objects up by, refuses to ask for them.

import { checkPathSegmentName, quote } from "#kubernetes/api";

/** What is wrong with the name in a path, in that client's words; undefined: nothing. */
export function describeBadName(name: string): string | undefined {
  if (name === "") return "resource name may not be empty";
  const problems = checkPathSegmentName(name);
  return problems.length > 0 ? `invalid resource name ${quote(name)}: [${problems.join(" ")}]` : undefined;
}
