// Runs a bundle from V8's code cache, which saves the compiling of megabytes at every start. The cache is taken after a run, so that it
// holds the functions that were really used. `npm run build` makes it with a trial run (SLIPWAY_WRITE_CODE_CACHE); a copy that npm
// installed makes it at its first run.
"use strict";
const fs = require("node:fs");
const { Module } = require("node:module");
const path = require("node:path");
const vm = require("node:vm");

const settleMs = 5000;

module.exports = function load(name) {
  const file = path.join(__dirname, `${name}.cjs`);
  const cacheFile = path.join(__dirname, `${name}.cache`);
  const cachedData = readIfExists(cacheFile);
  // The bundles are ASCII, which reads fastest as latin1.
  const script = new vm.Script(Module.wrap(fs.readFileSync(file, "latin1")), {
    filename: file,
    cachedData,
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const write = () => writeCache(cacheFile, script);
  if (process.env.SLIPWAY_WRITE_CODE_CACHE) process.once("exit", write);
  else if (cachedData === undefined || script.cachedDataRejected) {
    // A command ends soon, a service has started all it will by then.
    process.once("exit", write);
    setTimeout(() => {
      process.removeListener("exit", write);
      write();
    }, settleMs).unref();
  }
  script.runInThisContext()(exports, require, module, file, __dirname);
};

function readIfExists(file) {
  try {
    return fs.readFileSync(file);
  } catch {
    return undefined;
  }
}

/** Where the folder is not ours to write to, the next start compiles again. */
function writeCache(cacheFile, script) {
  const temporary = `${cacheFile}.${process.pid}`;
  try {
    fs.writeFileSync(temporary, script.createCachedData());
    fs.renameSync(temporary, cacheFile);
  } catch {
    fs.rmSync(temporary, { force: true });
  }
}
