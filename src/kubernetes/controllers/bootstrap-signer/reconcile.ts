// Signs the ConfigMap cluster-info of kube-public with every bootstrap token that may sign.

import { isNotFound, resources, type Secret } from "#kubernetes/api";
import {
  createController,
  done,
  type ReconcileContext,
  type ReconcileResult,
  watch,
  watchKeys,
} from "#kubernetes/runtime";
import { isTokenSecret, signingToken, tokenNamespace } from "../bootstrap-tokens/token-secret.ts";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { OwnWrites } from "../own-writes.ts";
import { planSignatures } from "./plan.ts";

const signed = { namespace: "kube-public", name: "cluster-info" };
const onlyKey = `${signed.namespace}/${signed.name}`;

export function createBootstrapSigner(context: ControllerContext): ControllerProcess {
  const { client, informers } = context;
  const configMaps = informers.informer(resources.configMaps);
  const secrets = informers.informer(resources.secrets);

  const reconcile = async (_: string, { clock, signal }: ReconcileContext): Promise<ReconcileResult> => {
    const configMap = configMaps.get(signed);
    const tokens = secrets.list(tokenNamespace).flatMap((secret) => {
      return (isTokenSecret(secret) && signingToken(secret, clock.now())) || [];
    });
    const data = planSignatures(configMap, tokens);
    if (!configMap || !data) return done;
    const writes = new OwnWrites();
    try {
      writes.note(configMaps, await client.update(resources.configMaps, { ...configMap, data }, { signal }));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    await writes.seen(signal);
    return done;
  };

  return createController({
    ...context,
    name: "bootstrap_signer_queue",
    workers: 1,
    reconcile,
    watches: [
      watchKeys(configMaps, ({ metadata }) => {
        return metadata.name === signed.name && metadata.namespace === signed.namespace ? [onlyKey] : [];
      }),
      watch(secrets, (queue) => {
        const add = (secret: Secret) => {
          if (isTokenSecret(secret)) queue.add(onlyKey);
        };
        return { added: add, updated: add, deleted: add };
      }),
    ],
  });
}
