// Puts a new authority in an old one's place, in three stages, so that at any time everybody trusts whatever anybody shows: the new one
// is trusted beside the old; it signs, and certificates are issued anew; the old one is trusted no more. Here are only the files: after
// each stage whoever reads them must have read them anew (a run of the plan does that). A note in the folder says which stage it is, so
// that a crash between any two writes is made good by settleRotation.

import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { readFileIfExists, removeIfExists, writeFileAtomic } from "#shared";
import { createAuthority, createSigningKey, type KeyPair, splitPem } from "./certificates.ts";
import { readPair, writePair } from "./cluster-pki.ts";

/** By the names of files: "ca", "front-proxy-ca", "etcd/ca"; "sa" is the service accounts' key. */
export type RotatedAuthority = "ca" | "front-proxy-ca" | "etcd/ca" | "sa";

/** In this order. */
export const rotationStages = ["trust", "sign", "drop"] as const;
export type RotationStage = (typeof rotationStages)[number];

export interface Rotation {
  /** RFC 3339. */
  readonly started: string;
  readonly stage: RotationStage;
  /** When the new ones began to sign. */
  readonly signedAt?: string;
  readonly authorities: readonly RotatedAuthority[];
}

const commonNames = { ca: "kubernetes", "front-proxy-ca": "front-proxy-ca", "etcd/ca": "etcd-ca" } as const;

/** The rotation under way; undefined where there is none. */
export async function readRotation(folder: string): Promise<Rotation | undefined> {
  const text = await readFileIfExists(noteOf(folder));
  return text === undefined ? undefined : (JSON.parse(text) as Rotation);
}

/** Makes the new authorities, beside the old, and begins with stage "trust". */
export async function beginRotation(
  folder: string,
  authorities: readonly RotatedAuthority[],
  now = Date.now(),
): Promise<Rotation> {
  for (const authority of authorities) {
    const old = await readAuthorityFiles(folder, authority);
    if (!old) throw new Error(`Cannot rotate ${authority}: it is not in ${folder}`);
    const made: KeyPair = authority === "sa" ? await makeSigningPair() : await createAuthority(commonNames[authority]);
    await writeFileAtomic(besideOf(folder, authority, "old"), splitPem(old.certificate)[0]!);
    await writePair(join(folder, "rotation"), nameOf(authority), made);
  }
  return writeNote(folder, { started: new Date(now).toISOString(), stage: "trust", authorities });
}

/** Goes on to the next stage. Only when all have read what the stage before has written. */
export async function advanceRotation(folder: string, rotation: Rotation, now = Date.now()): Promise<Rotation> {
  const next = rotationStages[rotationStages.indexOf(rotation.stage) + 1];
  if (!next) throw new Error("Cannot advance the rotation: it is at its last stage");
  const signedAt = next === "sign" ? new Date(now).toISOString() : rotation.signedAt;
  return writeNote(folder, { ...rotation, stage: next, ...(signedAt !== undefined && { signedAt }) });
}

/** Whether the files are as the stage wants them. */
export async function isRotationSettled(folder: string): Promise<boolean> {
  const rotation = await readRotation(folder);
  if (!rotation) return true;
  const states = await Promise.all(
    rotation.authorities.map(async (authority) => {
      const [found, wanted] = [
        await readAuthorityFiles(folder, authority),
        await wantedFiles(folder, authority, rotation),
      ];
      return found?.certificate === wanted.certificate && found.key === wanted.key;
    }),
  );
  return states.every(Boolean);
}

/** Writes the files as the stage wants them; nothing to do where no rotation is under way. */
export async function settleRotation(folder: string): Promise<void> {
  const rotation = await readRotation(folder);
  if (!rotation || (await isRotationSettled(folder))) return;
  for (const authority of rotation.authorities) {
    const wanted = await wantedFiles(folder, authority, rotation);
    if (authority === "sa") {
      await writeFileAtomic(join(folder, "sa.pub"), wanted.certificate);
      await writeFileAtomic(join(folder, "sa.key"), wanted.key, 0o600);
    } else await writePair(folder, authority, wanted);
  }
}

/** Forgets the rotation, at the end of its last stage. */
export async function endRotation(folder: string): Promise<void> {
  await removeIfExists(noteOf(folder));
  await removeIfExists(join(folder, "rotation"));
}

/** Whether one of the authorities that are on their way out signed the certificate: without it nobody may drop them. */
export async function isSignedByOld(folder: string, rotation: Rotation, certificate: string): Promise<boolean> {
  const leaf = new X509Certificate(certificate);
  const rotated = rotation.authorities.filter((authority) => authority !== "sa");
  const olds = await Promise.all(rotated.map((authority) => readFileIfExists(besideOf(folder, authority, "old"))));
  return olds.some((old) => old !== undefined && !leaf.ca && leaf.verify(new X509Certificate(old).publicKey));
}

/** `certificate` are those trusted, the signing one first; of service accounts the public keys. */
async function wantedFiles(folder: string, authority: RotatedAuthority, { stage }: Rotation): Promise<KeyPair> {
  const made = await readPair(join(folder, "rotation"), nameOf(authority));
  const old = await readFileIfExists(besideOf(folder, authority, "old"));
  const now = await readAuthorityFiles(folder, authority);
  if (!made || old === undefined || !now)
    throw new Error(`Cannot go on rotating ${authority}: its files are not there`);
  if (stage === "trust") return { certificate: old + made.certificate, key: now.key };
  return { certificate: stage === "sign" ? made.certificate + old : made.certificate, key: made.key };
}

async function readAuthorityFiles(folder: string, authority: RotatedAuthority): Promise<KeyPair | undefined> {
  if (authority !== "sa") return readPair(folder, authority);
  const [certificate, key] = await Promise.all(
    ["sa.pub", "sa.key"].map((file) => readFileIfExists(join(folder, file))),
  );
  return certificate !== undefined && key !== undefined ? { certificate, key } : undefined;
}

async function makeSigningPair(): Promise<KeyPair> {
  const { key, publicKey } = await createSigningKey();
  return { certificate: publicKey, key };
}

async function writeNote(folder: string, rotation: Rotation): Promise<Rotation> {
  await writeFileAtomic(noteOf(folder), `${JSON.stringify(rotation, null, 2)}\n`);
  return rotation;
}

function noteOf(folder: string): string {
  return join(folder, "rotation.json");
}

function nameOf(authority: RotatedAuthority): string {
  return authority.replace("/", "-");
}

function besideOf(folder: string, authority: RotatedAuthority, which: string): string {
  return join(folder, "rotation", `${nameOf(authority)}-${which}.pem`);
}
