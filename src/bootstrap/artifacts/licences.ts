// The licence of a Debian package in SPDX's words, out of its copyright file. Pure.

/** Debian's short names that differ from SPDX's. */
const licences: Readonly<Record<string, string>> = {
  Expat: "MIT",
  "GPL-2": "GPL-2.0-only",
  "GPL-2+": "GPL-2.0-or-later",
  "GPL-3": "GPL-3.0-only",
  "GPL-3+": "GPL-3.0-or-later",
  "LGPL-2": "LGPL-2.0-only",
  "LGPL-2+": "LGPL-2.0-or-later",
  "LGPL-2.1": "LGPL-2.1-only",
  "LGPL-2.1+": "LGPL-2.1-or-later",
  "LGPL-3": "LGPL-3.0-only",
  "LGPL-3+": "LGPL-3.0-or-later",
  "BSD-2-clause": "BSD-2-Clause",
  "BSD-3-clause": "BSD-3-Clause",
  "Apache-2.0": "Apache-2.0",
  "Apache-2": "Apache-2.0",
  MIT: "MIT",
  ISC: "ISC",
  Zlib: "Zlib",
};

/** The licence of "Files: *" in a machine-readable copyright file. https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/ */
export function findLicence(copyright: string): string | undefined {
  const paragraph = copyright.split(/\n\s*\n/).find((text) => /^Files:\s*\*\s*$/m.test(text));
  const licence = /^License: *(.*)$/m.exec(paragraph ?? "")?.[1] ?? "";
  return Object.hasOwn(licences, licence) ? licences[licence] : undefined;
}
