// Lists the project's own TypeScript files, for the house checks.

import { readdirSync } from "node:fs";
import { join, relative } from "node:path";

/** Paths relative to the root, of src, test, tools and bench; generated files and fixtures are left out. */
export function listSources(root: string): string[] {
  const files: string[] = [];
  for (const folder of ["src", "test", "tools", "bench"]) {
    let entries: import("node:fs").Dirent[];
    try {
      entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
    } catch {
      continue;
    }
    for (const entry of entries) {
      const path = relative(root, join(entry.parentPath, entry.name));
      if (!entry.isFile() || !/\.tsx?$/.test(path) || /node_modules|\/generated\/|\/fixtures\//.test(path)) continue;
      files.push(path);
    }
  }
  return files.sort();
}
