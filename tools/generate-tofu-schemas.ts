// Makes test/fixtures/tofu/schemas/<provider>.json: the arguments and attributes of the resources that src/provision uses, read off
// the published TypeScript bindings of an OpenTofu provider (unpacked npm packages such as @cdktn/provider-aws). Run again only when
// a provider's version or the list of resources changes:
//   node tools/generate-tofu-schemas.ts aws FOLDER-OF-THE-PACKAGE

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** One argument: its type, whether it must be given, and a block's own arguments. */
interface Argument {
  type: string;
  required?: true;
  arguments?: Record<string, Argument>;
}

const resources: Readonly<Record<string, readonly string[]>> = {
  aws: [
    "data.aws_ami",
    "data.aws_iam_policy_document",
    "aws_eip",
    "aws_iam_instance_profile",
    "aws_iam_role",
    "aws_iam_role_policy",
    "aws_iam_role_policy_attachment",
    "aws_instance",
    "aws_internet_gateway",
    "aws_key_pair",
    "aws_lb",
    "aws_lb_listener",
    "aws_lb_target_group",
    "aws_lb_target_group_attachment",
    "aws_nat_gateway",
    "aws_route",
    "aws_route_table",
    "aws_route_table_association",
    "aws_security_group",
    "aws_subnet",
    "aws_vpc",
    "aws_vpc_security_group_egress_rule",
    "aws_vpc_security_group_ingress_rule",
  ],
  google: [
    "google_compute_address",
    "google_compute_firewall",
    "google_compute_forwarding_rule",
    "google_compute_instance",
    "google_compute_instance_group",
    "google_compute_network",
    "google_compute_region_backend_service",
    "google_compute_region_health_check",
    "google_compute_router",
    "google_compute_router_nat",
    "google_compute_subnetwork",
    "google_project_iam_member",
    "google_service_account",
  ],
};

const [provider, folder] = process.argv.slice(2);
const wanted = provider === undefined ? undefined : resources[provider];
if (!wanted || folder === undefined) {
  throw new Error(`Cannot generate: name one of ${Object.keys(resources).join(", ")} and the package's folder`);
}
const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
  cdktf: { provider: { name: string; version: string } };
};
const lines = wanted.map((resource) => `${JSON.stringify(resource)}: ${JSON.stringify(readResource(resource))}`);
lines.unshift(`"provider": ${JSON.stringify(manifest.cdktf.provider)}`);
const target = join(import.meta.dirname, "../test/fixtures/tofu/schemas");
mkdirSync(target, { recursive: true });
writeFileSync(join(target, `${provider}.json`), `{\n${lines.join(",\n")}\n}\n`);

function readResource(resource: string): { arguments: Record<string, Argument>; attributes: string[] } {
  const isData = resource.startsWith("data.");
  const words = resource.replace(/^data\./, "").split("_");
  const path = join(folder!, "lib", [...(isData ? ["data"] : []), ...words.slice(isData ? 0 : 1)].join("-"), "index");
  const interfaces = readInterfaces(readFileSync(`${path}.d.ts`, "utf8"));
  const main = [...interfaces.keys()].find((name) => name.endsWith("Config") && interfaces.get(name)!.isMain);
  if (main === undefined) throw new Error(`Cannot read ${resource}: its bindings have no configuration`);
  const code = readFileSync(`${path}.js`, "utf8");
  const ownClass = code.slice(code.search(/class \w+ extends \w+\.Terraform(Resource|DataSource) /));
  const attributes = [...ownClass.matchAll(/get\w*Attribute\('(\w+)'\)/g)].map((match) => match[1]!);
  const known = expand(interfaces, main);
  return { arguments: known, attributes: [...new Set(["id", ...attributes])].toSorted() };
}

interface Interface {
  readonly isMain: boolean;
  /** From the argument's name to its type in TypeScript; "?" ahead where it may be left out. */
  readonly fields: ReadonlyMap<string, string>;
}

function readInterfaces(text: string): Map<string, Interface> {
  const found = new Map<string, Interface>();
  for (const [, name, parent, body] of text.matchAll(/^export interface (\w+)( extends [\w.]+)? \{\n(.*?)^\}/gms)) {
    const fields = new Map<string, string>();
    // The documentation's link names the argument as OpenTofu does; what follows it is the field.
    for (const [, argument, optional, type] of body!.matchAll(
      /#\w+ \w+#(\w+)\}.*?readonly \w+(\??): (\{.*?\}[^;]*|[^;]+);/gs,
    )) {
      fields.set(argument!, `${optional}${type}`);
    }
    found.set(name!, { isMain: parent?.includes("TerraformMetaArguments") === true, fields });
  }
  return found;
}

function expand(interfaces: ReadonlyMap<string, Interface>, name: string): Record<string, Argument> {
  const result: Record<string, Argument> = {};
  for (const [argument, text] of interfaces.get(name)!.fields) {
    if (argument === "timeouts") continue;
    const type = text.replace(/^\?/, "").replace(/ \| \w+\.IResolvable/g, "");
    const block = interfaces.has(type.replace("[]", "")) ? type.replace("[]", "") : undefined;
    result[argument] = {
      type: block ? (type.endsWith("[]") ? "blocks" : "block") : type.startsWith("{") ? "map" : type,
      ...(!text.startsWith("?") && { required: true as const }),
      ...(block && { arguments: expand(interfaces, block) }),
    };
  }
  return result;
}
