// Keeps the certificates of a node: asks for those that lack, with a bootstrap token where the node has no identity yet, and says when new
// ones are due.

import { createPrivateKey, X509Certificate } from "node:crypto";
import { join } from "node:path";
import { type AgentOptions, type KeyPair, splitPem } from "#bootstrap";
import { type Client, connectionOf, createClient, createHttpTransport, loadKubeconfig } from "#kubernetes/client";
import { type Clock, describeError, type Logger, readFileIfExists, writeFileAtomic } from "#shared";
import { type Identity, listIdentities, renewalTime } from "./identities.ts";
import { requestCertificate } from "./request-certificate.ts";

export interface IdentityTools {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Default: a client by the kubeconfig. */
  connect?(kubeconfig: string): Promise<Client>;
  /** Default: asks the cluster. */
  request?(client: Client, identity: Identity, signal: AbortSignal): Promise<KeyPair>;
}

const firstRetryMs = 500;
const longestRetryMs = 15_000;
const renewalRetryMs = 60 * 60_000;
/** While the old one is good, nobody waits long for the new one. */
const renewalPatienceMs = 60_000;

/** Makes sure all certificates are there and fresh; answers when the first of them is due again. Tries until it has them. */
export async function ensureIdentity(options: AgentOptions, tools: IdentityTools): Promise<number> {
  const { identity, nodeName: name, nodeAddress: address } = options;
  if (!identity) return Number.POSITIVE_INFINITY;
  const due: number[] = [];
  for (const wanted of listIdentities({ name, address })) due.push(await ensureOne(options, wanted, tools));
  return Math.min(...due);
}

async function ensureOne(options: AgentOptions, wanted: Identity, tools: IdentityTools): Promise<number> {
  const { clock, logger, signal } = tools;
  const folder = options.identity!.folder;
  const file = (ending: string) => join(folder, `${wanted.file}.${ending}`);
  const authorities = splitPem((await readFileIfExists(options.clientAuthority)) ?? "");
  const found = await readPair(file("crt"), file("key"));
  // Signed by an authority that is trusted no more, it opens no door.
  const known = found !== undefined && isSignedBy(found, authorities) ? found : undefined;
  const fits = known !== undefined && isFor(known, wanted);
  // The first of them signs; while it takes another's place, both are trusted.
  const due = fits && isSignedBy(known, authorities.slice(0, 1)) ? renewalTime(known) : 0;
  if (due > clock.now()) return due;
  for (let wait = firstRetryMs; ; wait = Math.min(wait * 2, longestRetryMs)) {
    try {
      const made = await ask(options, wanted, {
        tools: fits ? { ...tools, signal: AbortSignal.any([signal, AbortSignal.timeout(renewalPatienceMs)]) } : tools,
        isKnown: known !== undefined,
      });
      if (!isSignedBy(made.certificate, authorities)) throw new Error("it was signed by an authority unknown here");
      // The certificate last: it is the sign that both are there.
      await writeFileAtomic(file("key"), made.key, 0o600);
      await writeFileAtomic(file("crt"), made.certificate);
      logger.info({ certificate: wanted.file, subject: wanted.commonName }, "certificate received");
      return renewalTime(made.certificate);
    } catch (error) {
      signal.throwIfAborted();
      logger.warn({ certificate: wanted.file, error: describeError(error) }, "no certificate yet");
      // The old one is good for a while: the node works on with it, and asks again.
      if (fits && endOf(known) > clock.now() + renewalRetryMs) return clock.now() + renewalRetryMs;
    }
    await clock.sleep(wait, signal);
  }
}

/** In the node's own name, once it has one; else in that of the bootstrap token. */
async function ask(
  { identity, kubeconfigs }: AgentOptions,
  wanted: Identity,
  { tools, isKnown }: { readonly tools: IdentityTools; readonly isKnown: boolean },
): Promise<KeyPair> {
  const { connect = connectByKubeconfig, request = requestCertificate, signal } = tools;
  const isFirst = wanted.file === "kubelet-client" && !isKnown;
  const kubeconfig = isFirst ? identity?.bootstrapKubeconfig : kubeconfigs.kubelet;
  if (kubeconfig === undefined) throw new Error("the node has no identity, and no token to ask for one");
  const client = await connect(kubeconfig);
  try {
    return await request(client, wanted, signal);
  } finally {
    await client.close();
  }
}

async function readPair(certificateFile: string, keyFile: string): Promise<string | undefined> {
  const [certificate, key] = await Promise.all([readFileIfExists(certificateFile), readFileIfExists(keyFile)]);
  if (certificate === undefined || key === undefined) return undefined;
  try {
    // A crash between the two writes leaves a key that is another's.
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key)) ? certificate : undefined;
  } catch {
    return undefined;
  }
}

/** Whether it is made out to the addresses that the node has now. */
function isFor(certificate: string, { ipAddresses = [] }: Identity): boolean {
  const parsed = new X509Certificate(certificate);
  return ipAddresses.every((address) => parsed.checkIP(address) !== undefined);
}

function isSignedBy(certificate: string, authorities: readonly string[]): boolean {
  const parsed = new X509Certificate(certificate);
  return authorities.some((authority) => parsed.verify(new X509Certificate(authority).publicKey));
}

function endOf(certificate: string): number {
  return Date.parse(new X509Certificate(certificate).validTo);
}

async function connectByKubeconfig(kubeconfig: string): Promise<Client> {
  const transport = createHttpTransport(await connectionOf(await loadKubeconfig(kubeconfig)));
  return createClient({ transport, userAgent: "slipway-agent" });
}
