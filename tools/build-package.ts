// Builds what only the npm package needs beside the command: the library as one ES module, and its types. `npm pack` calls it.

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { build } from "esbuild";

const root = join(import.meta.dirname, "..");
const types = join(root, "dist/types");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  imports: Record<string, string>;
  dependencies: Record<string, string>;
};

await build({
  entryPoints: [join(root, "src/index.ts")],
  outfile: join(root, "dist/index.js"),
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node24",
  // The user's package manager brings them, once for all who use them.
  external: Object.keys(manifest.dependencies),
  logLevel: "warning",
});

rmSync(types, { recursive: true, force: true });
const options = [
  "--noEmit",
  "false",
  "--declaration",
  "--emitDeclarationOnly",
  "--outDir",
  types,
  "--rootDir",
  join(root, "src"),
];
const tsc = spawnSync(
  process.execPath,
  [join(root, "node_modules/typescript/bin/tsc"), "-p", join(root, "tools/package.tsconfig.json"), ...options],
  {
    encoding: "utf8",
  },
);
if (tsc.status !== 0) {
  console.error(tsc.stdout + tsc.stderr);
  process.exit(1);
}
for (const file of readdirSync(types, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".d.ts"))) {
  const path = join(types, file);
  writeFileSync(path, rewriteImports(path, readFileSync(path, "utf8")));
}

/** Users have neither our "#part" names nor our sources: imports become relative, and name what lies in dist. */
function rewriteImports(path: string, text: string): string {
  return text.replace(/(from |import\()"([^"]+)"/g, (whole, keyword: string, target: string) => {
    const source = manifest.imports[target];
    const resolved = source ? relative(dirname(path), join(types, source.replace("./src/", ""))) : target;
    if (!resolved.endsWith(".ts")) return whole;
    const named = resolved.replace(/\.ts$/, ".js");
    return `${keyword}"${named.startsWith(".") ? named : `./${named}`}"`;
  });
}
