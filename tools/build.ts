// Builds what the launcher and the npm package run: one CommonJS bundle per process, the loader that starts them from V8's code cache,
// the caches themselves by a trial run, and the stamp the launcher reads. With --version and --out, instead: the same program under another
// version in another folder, to upgrade to.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { build, type Plugin } from "esbuild";

const root = join(import.meta.dirname, "..");
const { values: flags } = parseArgs({ options: { version: { type: "string" }, out: { type: "string" } } });
const dist = flags.out === undefined ? join(root, "dist") : resolve(flags.out);
const version = flags.version ?? JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version;
const bundles = {
  slipway: "src/cli/main.ts",
  supervisor: "src/cli/processes/supervisor.ts",
  "control-plane": "src/cli/processes/control-plane.ts",
  agent: "src/cli/processes/agent.ts",
  machine: "src/cli/processes/machine.ts",
};
const loaders = ["bin.cjs", "process.cjs", "load.cjs"];

/** JSON tables become JSON.parse of a text, which V8 reads several times faster than an object literal. */
const jsonAsText: Plugin = {
  name: "json-as-text",
  setup(builder) {
    builder.onLoad({ filter: /\.json$/ }, ({ path }) => ({
      contents: `module.exports = JSON.parse(${JSON.stringify(JSON.stringify(JSON.parse(readFileSync(path, "utf8"))))});`,
      loader: "js",
    }));
  },
};

// Built aside and moved in whole: another slipway may be starting from these files.
const aside = join(root, ".build", `dist-${process.pid}`);
mkdirSync(aside, { recursive: true });
process.once("exit", () => rmSync(aside, { recursive: true, force: true }));
mkdirSync(dist, { recursive: true });
await build({
  entryPoints: Object.fromEntries(Object.entries(bundles).map(([name, file]) => [name, join(root, file)])),
  outdir: aside,
  outExtension: { ".js": ".cjs" },
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node24",
  minifyWhitespace: true,
  minifySyntax: true,
  keepNames: false,
  charset: "ascii",
  define: {
    "import.meta.dirname": "__dirname",
    "import.meta.filename": "__filename",
    "import.meta.url": "__importMetaUrl",
    SLIPWAY_VERSION: JSON.stringify(version),
  },
  banner: { js: 'const __importMetaUrl = require("node:url").pathToFileURL(__filename).href;' },
  plugins: [jsonAsText],
  logLevel: "warning",
});
for (const file of loaders) {
  writeFileSync(join(aside, file), readFileSync(join(root, "src/cli", file)), {
    mode: file === "bin.cjs" ? 0o755 : 0o644,
  });
}
for (const file of readdirSync(dist).filter((name) => name.endsWith(".cache"))) rmSync(join(dist, file));
for (const file of readdirSync(aside)) renameSync(join(aside, file), join(dist, file));
if (flags.out === undefined) {
  writeCodeCaches();
  writeFileSync(join(root, ".build/stamp"), process.execPath);
}

/** Turns a small cluster up and down, so that what a real `up` runs is in the caches. */
function writeCodeCaches(): void {
  const home = mkdtempSync(join(tmpdir(), "slipway-build-"));
  const env = {
    ...process.env,
    SLIPWAY_HOME: home,
    SLIPWAY_WRITE_CODE_CACHE: "1",
    KUBECONFIG: join(home, "kubeconfig"),
  };
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [join(dist, "bin.cjs"), ...args], { env, encoding: "utf8", timeout: 60_000 });
  const up = run("up", "--name", "trial", "--simulated", "--workers", "0");
  if (up.status !== 0) console.error(`build: no code cache, because the trial run failed:\n${up.stderr}`);
  run("down", "--name", "trial");
  rmSync(home, { recursive: true, force: true });
}
