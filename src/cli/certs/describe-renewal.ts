// What has become of certificates that were to be issued anew, in words. Pure.

import { describeDays, type FoundCertificate } from "./find-certificates.ts";

/**
 * `chosen` are as they were before, `now` all that there are afterwards. A machine may leave some alone; `leftAlone` says by name who issues
 * those anew.
 */
export function describeRenewal(
  chosen: readonly FoundCertificate[],
  now: readonly FoundCertificate[],
  leftAlone: Readonly<Record<string, string>> = {},
): string {
  const pairs = chosen.flatMap((old) => {
    const found = now.find(({ name, where }) => name === old.name && where === old.where);
    return found ? [{ found, isNew: found.pem !== old.pem }] : [];
  });
  const renewed = pairs.filter(({ isNew }) => isNew).map(({ found }) => found);
  const lines = pairs
    .filter(({ isNew }) => !isNew)
    .map(({ found: { name, where, isElsewhere } }) => {
      const why = isElsewhere && Object.hasOwn(leftAlone, name) ? `: ${leftAlone[name]}` : "";
      return `Certificate ${name} of ${where} is as it was${why}.\n`;
    });
  const left = Math.min(...renewed.map(({ daysLeft }) => daysLeft));
  const what = renewed.length === 1 ? "1 certificate is new" : `${renewed.length} certificates are new`;
  return `${lines.join("")}${what}${renewed.length === 0 ? "" : `, good for ${describeDays(left)}`}.\n`;
}
