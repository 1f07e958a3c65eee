// Fills Secrets of type kubernetes.io/service-account-token, and removes them with their accounts.

import {
  formatKey,
  isConflict,
  isNotFound,
  keyOf,
  parseKey,
  resources,
  type Secret,
  type ServiceAccount,
} from "#kubernetes/api";
import type { Client, Informer } from "#kubernetes/client";
import { createController, done, type ReconcileContext, type ReconcileResult, watch } from "#kubernetes/runtime";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { OwnWrites } from "../own-writes.ts";
import { accountName, filledSecret, isOfAccount, isTokenSecret, missingParts } from "./plan.ts";
import { createTokenSigner, type SignToken } from "./sign-token.ts";

interface Parts {
  readonly client: Client;
  readonly secrets: Informer<Secret>;
  readonly accounts: Informer<ServiceAccount>;
  readonly rootCa: string | undefined;
  readonly sign: SignToken;
}

/** Secrets that have gone may be named in their accounts. */
const gonePrefix = "gone:";
const indexName = "serviceAccount";

export function createServiceAccountTokenController(context: ControllerContext): ControllerProcess | undefined {
  const { client, informers, settings } = context;
  if (settings.serviceAccountKey === undefined) return undefined;
  const parts: Parts = {
    client,
    secrets: informers.informer(resources.secrets),
    accounts: informers.informer(resources.serviceAccounts),
    rootCa: settings.rootCa,
    sign: createTokenSigner(settings.serviceAccountKey),
  };
  const { secrets, accounts } = parts;
  secrets.addIndex(indexName, accountKeys);
  return createController({
    ...context,
    name: "serviceaccount_tokens_secret",
    reconcile: (key, reconcileContext) => reconcileKey(key, parts, reconcileContext),
    watches: [
      watch(secrets, (queue) => {
        const add = (secret: Secret) => {
          if (isTokenSecret(secret)) queue.add(formatKey(keyOf(secret)));
        };
        return {
          added: add,
          updated: add,
          deleted(secret) {
            const { namespace, annotations, name } = secret.metadata;
            if (isTokenSecret(secret)) queue.add(`${gonePrefix}${namespace}/${annotations?.[accountName]}/${name}`);
          },
        };
      }),
      watch(accounts, (queue) => {
        const add = (account: ServiceAccount) => {
          const found = secrets.byIndex(indexName, formatKey(keyOf(account)));
          for (const secret of found) queue.add(formatKey(keyOf(secret)));
        };
        return { added: (account, isInitialList) => !isInitialList && add(account), deleted: add };
      }),
    ],
  });
}

function accountKeys(secret: Secret): readonly string[] {
  const name = secret.metadata.annotations?.[accountName];
  return isTokenSecret(secret) && name ? [`${secret.metadata.namespace}/${name}`] : [];
}

async function reconcileKey(key: string, parts: Parts, { signal }: ReconcileContext): Promise<ReconcileResult> {
  if (key.startsWith(gonePrefix)) {
    const [namespace = "", account = "", secret = ""] = key.slice(gonePrefix.length).split("/");
    await forgetSecret({ namespace, name: account }, secret, parts, signal);
    return done;
  }
  const secret = parts.secrets.get(parseKey(key));
  const name = secret?.metadata.annotations?.[accountName];
  if (!secret || !isTokenSecret(secret) || !name || secret.metadata.deletionTimestamp) return done;
  const account = await findAccount({ namespace: secret.metadata.namespace ?? "", name }, secret, parts, signal);
  const writes = new OwnWrites();
  try {
    if (account) await fill(secret, account, parts, { writes, signal });
    else {
      const preconditions = { uid: secret.metadata.uid ?? "" };
      await parts.client.delete(resources.secrets, keyOf(secret), { preconditions, signal });
    }
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
  await writes.seen(signal);
  return done;
}

/** The copy may be behind, and a token that was deleted is no good any more. */
async function findAccount(
  key: { readonly namespace: string; readonly name: string },
  secret: Secret,
  { client, accounts }: Parts,
  signal: AbortSignal,
): Promise<ServiceAccount | undefined> {
  const known = accounts.get(key);
  if (known && isOfAccount(secret, known)) return known;
  try {
    const fresh = await client.get(resources.serviceAccounts, key, { signal });
    return isOfAccount(secret, fresh) ? fresh : undefined;
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return undefined;
  }
}

async function fill(
  secret: Secret,
  account: ServiceAccount,
  { client, secrets, rootCa, sign }: Parts,
  { writes, signal }: { readonly writes: OwnWrites; readonly signal: AbortSignal },
): Promise<void> {
  const missing = missingParts(secret, rootCa);
  if (!missing) return;
  const token = missing.token ? await sign(account, secret) : undefined;
  const filled = filledSecret(secret, account, { rootCa, token });
  writes.note(secrets, await client.update(resources.secrets, filled, { signal }));
}

async function forgetSecret(
  key: { readonly namespace: string; readonly name: string },
  secret: string,
  { client, accounts }: Parts,
  signal: AbortSignal,
): Promise<void> {
  const account = accounts.get(key);
  if (!account?.secrets?.some(({ name }) => name === secret)) return;
  const secrets = account.secrets.filter(({ name }) => name !== secret);
  try {
    await client.update(resources.serviceAccounts, { ...account, secrets }, { signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
