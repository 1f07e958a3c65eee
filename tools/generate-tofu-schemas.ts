// Makes test/fixtures/tofu/schemas/<provider>.json: the arguments and attributes of the resources that src/provision uses, read off
// what an OpenTofu provider published: its TypeScript bindings (an unpacked npm package such as @cdktn/provider-aws) or, with a
// version, its Go source. Run again only when a version or the list of resources (tofu-schemas/resources.ts) changes:
//   node tools/generate-tofu-schemas.ts aws FOLDER-OF-THE-PACKAGE
//   node tools/generate-tofu-schemas.ts openstack FOLDER-OF-THE-SOURCE 3.4.0

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readBindings } from "./tofu-schemas/read-bindings.ts";
import { openGoSources } from "./tofu-schemas/read-go-schemas.ts";
import { resources } from "./tofu-schemas/resources.ts";

const [provider, folder, version] = process.argv.slice(2);
const wanted = provider === undefined ? undefined : resources[provider];
if (!provider || !wanted || folder === undefined) {
  throw new Error(`Cannot generate: name one of ${Object.keys(resources).join(", ")} and a folder`);
}
const source = version === undefined ? openBindings(folder) : { version, read: openGoSources(folder).read };
const lines = wanted.map((resource) => `${JSON.stringify(resource)}: ${JSON.stringify(source.read(resource))}`);
lines.unshift(`"provider": ${JSON.stringify({ name: provider, version: source.version })}`);
const target = join(import.meta.dirname, "../test/fixtures/tofu/schemas");
mkdirSync(target, { recursive: true });
writeFileSync(join(target, `${provider}.json`), `{\n${lines.join(",\n")}\n}\n`);

function openBindings(folder: string) {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    cdktf: { provider: { version: string } };
  };
  return { version: manifest.cdktf.provider.version, read: (resource: string) => readBindings(folder, resource) };
}
