// The old way of keeping pods from other accounts' Secrets: an account with the annotation names those its pods may use.

import type { Container, Pod, ServiceAccount } from "#kubernetes/api";
import { Refusal } from "../refusal.ts";

const annotation = "kubernetes.io/enforce-mountable-secrets";

/** Throws where the pod refers to a Secret the account does not list. */
export function checkSecretReferences(pod: Pod, account: ServiceAccount, subresource: string): void {
  if (account.metadata.annotations?.[annotation] !== "true") return;
  const allowed = new Set((account.secrets ?? []).map((secret) => secret.name ?? ""));
  const name = account.metadata.name ?? "";
  const spec = pod.spec!;
  if (subresource === "ephemeralcontainers") {
    checkContainers("ephemeral container", spec.ephemeralContainers ?? [], allowed, name);
    return;
  }
  for (const { secret } of spec.volumes ?? []) {
    if (secret && !allowed.has(secret.secretName ?? "")) {
      throw refused(`volume with secret.secretName="${secret.secretName ?? ""}"`, "secret", name);
    }
  }
  checkContainers("init container", spec.initContainers ?? [], allowed, name);
  checkContainers("container", spec.containers ?? [], allowed, name);
  const pullSecrets = new Set((account.imagePullSecrets ?? []).map((secret) => secret.name ?? ""));
  for (const [index, secret] of (spec.imagePullSecrets ?? []).entries()) {
    if (!pullSecrets.has(secret.name ?? "")) {
      throw refused(`imagePullSecrets[${index}].name="${secret.name ?? ""}"`, "imagePullSecret", name);
    }
  }
}

function checkContainers(
  word: string,
  containers: readonly Pick<Container, "name" | "env" | "envFrom">[],
  allowed: ReadonlySet<string>,
  account: string,
): void {
  for (const container of containers) {
    const subject = `${word} ${container.name} with`;
    for (const { name, valueFrom } of container.env ?? []) {
      const secret = valueFrom?.secretKeyRef?.name ?? "";
      if (!valueFrom?.secretKeyRef || allowed.has(secret)) continue;
      throw refused(`${subject} envVar ${name} referencing secret.secretName="${secret}"`, "secret", account);
    }
    for (const { secretRef } of container.envFrom ?? []) {
      if (!secretRef || allowed.has(secretRef.name ?? "")) continue;
      throw refused(`${subject} envFrom referencing secret.secretName="${secretRef.name ?? ""}"`, "secret", account);
    }
  }
}

function refused(subject: string, what: string, account: string): Refusal {
  return new Refusal(`${subject} is not allowed because service account ${account} does not reference that ${what}`);
}
