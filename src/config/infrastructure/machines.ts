// What the cloud providers have in common: the machines of each role and pool, the network they lie in, who may reach it, and where
// OpenTofu keeps what it knows.

import { z } from "zod";
import { parseCidr } from "../network.ts";

/** Texts that go into OpenTofu files hold nothing it would take for an expression. */
export const word = (pattern: RegExp, example: string) => z.string().regex(pattern, `must be such as ${example}`);

/** What people call things in an inventory of theirs: "Cluster 1", "/dc/vm/folder". */
export const title = (example: string) => word(/^[^$%"\\\p{Cc}]+$/u, example);

const cidr = z
  .string()
  .refine((text) => parseCidr(text) !== undefined, 'must be an IPv4 range such as "10.100.0.0/16"');

/** A range of addresses with a prefix between the two. */
export const rangeSchema = (longest: number, shortest: number) =>
  cidr.refine((text) => {
    const prefix = parseCidr(text)?.prefix ?? longest;
    return prefix >= longest && prefix <= shortest;
  }, `must have a prefix between /${longest} and /${shortest}`);

export const regionSchema = (example: string) =>
  word(/^[a-z0-9]+(-[a-z0-9]+)+$/, example).describe(`The region, such as ${example}.`);

/** The zones of a cloud: what they are called there, and what they are in words. */
export interface ZoneWords {
  readonly entry: z.ZodString;
  /** "Letters of the zones". */
  readonly what: string;
}

export function zonesField({ entry, what }: ZoneWords) {
  return z.array(entry).min(1).max(6).describe(`${what} to be used.`);
}

export const letterZones: ZoneWords = {
  entry: z.string().regex(/^[a-z]$/, "must be the letter of a zone"),
  what: "Letters of the region's zones",
};
export const letterZonesField = zonesField(letterZones).default(["a", "b", "c"]);

const diskGB = z.int().min(10).max(16_000).describe("Size of each machine's disk.");
const spot = z.boolean().describe("Machines that cost less and may be taken back at any time.");

/** Machines by their type, in the provider's own words. */
export function typedMachines(usual: string, pattern = /^[A-Za-z0-9][A-Za-z0-9._-]*$/) {
  const type = word(pattern, usual).describe("Type of the machines, as the provider names it.");
  return { plain: { type, diskGB }, usual: { type: type.default(usual), diskGB: diskGB.default(50) } };
}

/** Machines by their size, where the provider has no types. */
export function sizedMachines() {
  const cpus = z.int().min(1).max(256).describe("How many processors each has.");
  const memoryGB = z.int().min(1).max(4096).describe("How much memory each has.");
  return {
    plain: { cpus, memoryGB, diskGB },
    usual: { cpus: cpus.default(2), memoryGB: memoryGB.default(8), diskGB: diskGB.default(50) },
  };
}

/** What worker machines may be where the cloud sells what is left over. */
export const spotFields = { plain: { spot }, usual: { spot: spot.default(false) } };
export const noSpotFields = { plain: {}, usual: {} };

interface Fields<P extends z.ZodRawShape, U extends z.ZodRawShape> {
  readonly plain: P;
  readonly usual: U;
}

/** The machines of worker pools: also what clouds have that run the control plane themselves. */
export function poolFields<
  P extends z.ZodRawShape,
  U extends z.ZodRawShape,
  Q extends z.ZodRawShape,
  V extends z.ZodRawShape,
>(machine: Fields<P, U>, worker: Fields<Q, V>, { entry, what }: ZoneWords) {
  const zones = z.array(entry).min(1).max(6);
  const own = zones.optional().describe(`${what} they are spread over. Default: those of the infrastructure.`);
  return {
    workers: z
      .strictObject({ ...machine.usual, ...worker.usual, zones: own })
      .prefault({} as never)
      .describe("The machines of every worker pool."),
    pools: z
      .record(z.string(), z.strictObject({ ...machine.plain, ...worker.plain, zones: own }).partial())
      .default({})
      .describe("What is different for a worker pool, by the pool's name."),
    state: stateSchema.prefault({}),
    providersMirror: z
      .string()
      .regex(/^\//, "must be an absolute path")
      .optional()
      .describe("Folder with OpenTofu's providers, as `tofu providers mirror` makes it. Default: their registry."),
  };
}

const stateSchema = z
  .strictObject({
    backend: z
      .enum(["local", "s3", "gcs", "azurerm", "http"])
      .default("local")
      .describe("OpenTofu's backend. local: in the cluster's folder."),
    settings: z
      .record(z.string(), z.union([title("my-bucket"), z.number(), z.boolean()]))
      .default({})
      .describe("The backend's own, such as bucket and region; no secrets: those come by environment variables."),
  })
  .describe("Where OpenTofu keeps what it knows of the things it made.");

/** The machines of the control plane. */
export function controlPlaneField<U extends z.ZodRawShape>(machine: { readonly usual: U }, { entry, what }: ZoneWords) {
  const own = z.array(entry).min(1).max(6).optional();
  return z
    .strictObject({
      ...machine.usual,
      zones: own.describe(`${what} they are spread over. Default: those of the infrastructure.`),
    })
    .prefault({} as never)
    .describe("The control plane's machines.");
}

/** A network that is made for the cluster. */
export const networkField = (ranges: z.ZodType<string> = rangeSchema(16, 22)) =>
  z
    .strictObject({
      cidr: ranges.default("10.100.0.0/16").describe("The machines' addresses."),
      private: z
        .boolean()
        .default(false)
        .describe("No machine has a public address, and the API is only reachable from inside the network."),
    })
    .prefault({})
    .describe("The network the machines lie in.");

export const apiRangesSchema = z.array(cidr).default(["0.0.0.0/0"]).describe("From where the API may be reached.");

/** Who may reach machines of ours, and by which key. */
export const accessFields = {
  access: z
    .strictObject({
      api: apiRangesSchema,
      ssh: z.array(cidr).default([]).describe("From where machines may be reached by SSH."),
      sshUser: word(/^[a-z_][a-z0-9_-]*$/, "admin")
        .optional()
        .describe("Whom the machines let in. Default: the usual image's own account."),
      jumpHosts: z
        .array(word(/^[\w.@:-]+$/, "me@jump.example:22"))
        .default([])
        .describe("Hosts to go through to the machines, first ones first."),
    })
    .prefault({})
    .describe("Who may reach the cluster."),
  sshPublicKey: word(/^(ssh|ecdsa|sk)-[\w@.-]+ [A-Za-z0-9+/=]+( [\w@. -]*)?$/, '"ssh-ed25519 AAAA… me@home"')
    .optional()
    .describe("Public key that opens the machines by SSH."),
};
