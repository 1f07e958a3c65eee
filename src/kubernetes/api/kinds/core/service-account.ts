// ServiceAccount: references to its secrets keep nothing but their names.

import type { ServiceAccount } from "../../generated/types.ts";
import { defineKind } from "../define-kind.ts";
import { formatAge } from "../table/human-duration.ts";

const mountableSecretsAnnotation = "kubernetes.io/enforce-mountable-secrets";

export const serviceAccount = defineKind<ServiceAccount>({
  group: "",
  version: "v1",
  kind: "ServiceAccount",
  metadataChecks: ["update", "object"],
  hasGeneration: false,
  prepareForCreate: keepSecretNames,
  prepareForUpdate: keepSecretNames,
  warnings,
  tableCells: ({ metadata }, now) => ({ cells: [metadata.name, formatAge(metadata.creationTimestamp, now)] }),
});

function keepSecretNames(object: ServiceAccount): void {
  if (object.secrets) object.secrets = object.secrets.map(({ name }) => (name ? { name } : {}));
}

function warnings({ metadata }: ServiceAccount, old: ServiceAccount | undefined): string[] {
  const isNew = metadata.annotations?.[mountableSecretsAnnotation] !== undefined;
  if (!isNew || old?.metadata.annotations?.[mountableSecretsAnnotation] !== undefined) return [];
  return [
    `metadata.annotations[${mountableSecretsAnnotation}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`,
  ];
}
