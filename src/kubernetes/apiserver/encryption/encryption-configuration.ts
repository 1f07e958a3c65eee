// The file of upstream's --encryption-provider-config, read and checked: which resources are encrypted at rest, by which keys.
// https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/

import { z } from "zod";
import { parseDuration, parseYamlDocuments } from "#kubernetes/api";
import { UserError } from "#shared";
import { checkRules } from "./check-rules.ts";
import type { KmsSettings } from "./kms/kms-client.ts";

/** A key by its name; the secret in bytes. */
export interface EncryptionKey {
  readonly name: string;
  readonly secret: Buffer;
}

export type EncryptionProvider =
  | { readonly kind: "identity" }
  | { readonly kind: "kms"; readonly settings: KmsSettings }
  | { readonly kind: "aesgcm" | "aescbc" | "secretbox"; readonly keys: readonly EncryptionKey[] };

/** Which resources, as "secrets", "deployments.apps", "*.apps", "*." (the core group) or "*.*", and how: the first writes, all read. */
export interface EncryptionRule {
  readonly resources: readonly string[];
  readonly providers: readonly EncryptionProvider[];
}

const secretSizes = { aesgcm: [16, 24, 32], aescbc: [16, 24, 32], secretbox: [32] } as const;
type KeyedKind = keyof typeof secretSizes;

function keyed(kind: KeyedKind) {
  const sizes: readonly number[] = secretSizes[kind];
  const key = z.strictObject({
    name: z
      .string()
      .min(1)
      .regex(/^[^:]*$/, "may not contain ':'"),
    secret: z
      .base64()
      .transform((text) => Buffer.from(text, "base64"))
      .refine(({ length }) => sizes.includes(length), `must be ${sizes.join(", ")} bytes long, in base64`),
  });
  const names = (keys: readonly { name: string }[]) => new Set(keys.map(({ name }) => name)).size === keys.length;
  return z.strictObject({ keys: z.array(key).min(1).refine(names, "two keys have the same name") });
}

const timeout = z.string().transform((text, context): number => {
  try {
    const ms = parseDuration(text);
    if (ms > 0) return ms;
    context.addIssue("should be a positive value");
  } catch (error) {
    context.addIssue((error as Error).message);
  }
  return z.NEVER;
});

const endpoint = z
  .string("is a mandatory field for a kms")
  .refine(
    (text) => URL.canParse(text) && new URL(text).protocol === "unix:",
    "only unix:///path/of/socket is supported",
  );

const kms = z
  .strictObject({
    // Upstream's default, which it has turned off: nobody gets it by leaving the field out.
    apiVersion: z.literal("v2", 'must be v2: KMS v1 is deprecated and, as upstream has it, off. The default is "v1"'),
    name: z
      .string()
      .min(1)
      .regex(/^[^:]*$/, "may not contain ':'"),
    endpoint,
    timeout: timeout.default(3000),
    cachesize: z.never("is not supported in v2").optional(),
  })
  .transform(({ name, endpoint, timeout: timeoutMs }): KmsSettings => ({ name, endpoint, timeoutMs }));

const provider = z
  .strictObject({
    identity: z.strictObject({}).nullable().optional(),
    aesgcm: keyed("aesgcm").optional(),
    aescbc: keyed("aescbc").optional(),
    secretbox: keyed("secretbox").optional(),
    kms: kms.optional(),
  })
  .refine((fields) => Object.keys(fields).length === 1, "must name exactly one provider")
  .transform((fields): EncryptionProvider => {
    for (const kind of Object.keys(secretSizes) as KeyedKind[]) {
      const found = fields[kind];
      if (found) return { kind, keys: found.keys };
    }
    return fields.kms ? { kind: "kms", settings: fields.kms } : { kind: "identity" };
  });

const configuration = z
  .strictObject({
    apiVersion: z.enum(["apiserver.config.k8s.io/v1", "apiserver.k8s.io/v1"]),
    kind: z.literal("EncryptionConfiguration"),
    resources: z
      .array(z.strictObject({ resources: z.array(z.string().min(1)).min(1), providers: z.array(provider).min(1) }))
      .min(1),
  })
  .superRefine(({ resources }, context) => {
    for (const { path, message } of checkRules(resources)) context.addIssue({ code: "custom", path, message });
  });

/** Reads the file's text. Throws a UserError that names every field that is wrong; secrets are never shown. */
export function readEncryptionConfiguration(text: string): readonly EncryptionRule[] {
  let document: unknown;
  try {
    [document] = parseYamlDocuments(text);
  } catch (error) {
    throw new UserError(`Cannot read the encryption configuration: ${(error as Error).message}`);
  }
  const result = configuration.safeParse(document);
  if (result.success) return result.data.resources;
  const problems = result.error.issues.map(({ path, message }) => `${formatPath(path)}: ${message}`);
  throw new UserError(`Cannot use the encryption configuration: ${problems.join("; ")}`, {
    hints: ["See https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/"],
  });
}

function formatPath(path: readonly PropertyKey[]): string {
  const text = path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`)).join("");
  return text.replace(/^\./, "") || "the file";
}
