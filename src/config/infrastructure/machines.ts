// What the cloud providers have in common: the machines of each role and pool, the network they lie in, and who may reach it.

import { z } from "zod";
import { parseCidr } from "../network.ts";

/** Texts that go into OpenTofu files hold nothing it would take for an expression. */
const word = (pattern: RegExp, example: string) => z.string().regex(pattern, `must be such as ${example}`);

const cidr = z
  .string()
  .refine((text) => parseCidr(text) !== undefined, 'must be an IPv4 range such as "10.100.0.0/16"');

export const regionSchema = (example: string) =>
  word(/^[a-z0-9]+(-[a-z0-9]+)+$/, example).describe(`The region, such as ${example}.`);

const zonesSchema = z
  .array(z.string().regex(/^[a-z]$/, "must be the letter of a zone"))
  .min(1)
  .max(6);

/** The machines of one role. `type` is the provider's own word. */
const machinesSchema = (defaultType: string) => ({
  type: word(/^[a-z0-9][a-z0-9.-]*$/, defaultType).describe("Type of the machines, as the provider names it."),
  diskGB: z.int().min(10).max(16_000).describe("Size of each machine's disk."),
  zones: zonesSchema.describe("Letters of the zones they are spread over. Default: those of the infrastructure."),
  spot: z.boolean().describe("Machines that cost less and may be taken back at any time."),
});

const stateSchema = z
  .strictObject({
    backend: z
      .enum(["local", "s3", "gcs", "azurerm", "http"])
      .default("local")
      .describe("OpenTofu's backend. local: in the cluster's folder."),
    settings: z
      .record(z.string(), z.union([z.string().regex(/^[^$%]*$/, "must hold no $ or %"), z.number(), z.boolean()]))
      .default({})
      .describe("The backend's own, such as bucket and region; no secrets: those come by environment variables."),
  })
  .describe("Where OpenTofu keeps what it knows of the things it made.");

/** The fields each cloud's schema spreads into its own. */
export function cloudFields({ machineType }: { readonly machineType: string }) {
  const { type, diskGB, zones, spot } = machinesSchema(machineType);
  const withDefaults = { type: type.default(machineType), diskGB: diskGB.default(50), zones: zones.optional() };
  return {
    zones: zonesSchema.default(["a", "b", "c"]).describe("Letters of the region's zones to be used."),
    controlPlane: z.strictObject(withDefaults).prefault({}).describe("The control plane's machines."),
    workers: z
      .strictObject({ ...withDefaults, spot: spot.default(false) })
      .prefault({})
      .describe("The machines of every worker pool."),
    pools: z
      .record(
        z.string(),
        z.strictObject({
          type: type.optional(),
          diskGB: diskGB.optional(),
          zones: zones.optional(),
          spot: spot.optional(),
        }),
      )
      .default({})
      .describe("What is different for a worker pool, by the pool's name."),
    network: z
      .strictObject({
        cidr: cidr
          .refine((text) => {
            const prefix = parseCidr(text)?.prefix ?? 16;
            return prefix >= 16 && prefix <= 22;
          }, "must have a prefix between /16 and /22")
          .default("10.100.0.0/16")
          .describe("The machines' addresses."),
        private: z
          .boolean()
          .default(false)
          .describe("No machine has a public address, and the API is only reachable from inside the network."),
      })
      .prefault({})
      .describe("The network the machines lie in."),
    access: z
      .strictObject({
        api: z.array(cidr).default(["0.0.0.0/0"]).describe("From where the API may be reached."),
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
    state: stateSchema.prefault({}),
    providersMirror: z
      .string()
      .regex(/^\//, "must be an absolute path")
      .optional()
      .describe("Folder with OpenTofu's providers, as `tofu providers mirror` makes it. Default: their registry."),
    sshPublicKey: word(/^(ssh|ecdsa|sk)-[\w@.-]+ [A-Za-z0-9+/=]+( [\w@. -]*)?$/, '"ssh-ed25519 AAAA… me@home"')
      .optional()
      .describe("Public key that opens the machines by SSH."),
  };
}
