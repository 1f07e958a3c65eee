// What each type of Secret asks of its data and annotations. Types Kubernetes does not know ask nothing.

import { entry, type FieldError, invalid, required } from "../../../field-error.ts";
import type { Secret } from "../../../generated/types.ts";
import { readGoJson } from "../go-json.ts";

const redacted = "<secret contents redacted>";

type Rule = (object: Secret, errors: FieldError[]) => void;

const rules: Readonly<Record<string, Rule>> = {
  "kubernetes.io/service-account-token": requireServiceAccount,
  "kubernetes.io/dockercfg": (object, errors) => requireJsonObject(object, ".dockercfg", errors),
  "kubernetes.io/dockerconfigjson": (object, errors) => requireJsonObject(object, ".dockerconfigjson", errors),
  "kubernetes.io/basic-auth": requireUserOrPassword,
  "kubernetes.io/ssh-auth": requirePrivateKey,
  "kubernetes.io/tls": requireCertificateAndKey,
};

export function validateDataOfType(object: Secret, errors: FieldError[]): void {
  rules[object.type ?? ""]?.(object, errors);
}

const dataField = (key: string): string => entry("data", key);

function requireServiceAccount({ metadata }: Secret, errors: FieldError[]): void {
  const key = "kubernetes.io/service-account.name";
  if (!metadata.annotations?.[key]) errors.push(required(entry("metadata.annotations", key)));
}

function requireJsonObject({ data = {} }: Secret, key: string, errors: FieldError[]): void {
  const content = data[key];
  if (content === undefined) {
    errors.push(required(dataField(key)));
    return;
  }
  const { problem } = readGoJson(Buffer.from(content, "base64"), "object", "map[string]interface {}");
  if (problem !== undefined) errors.push(invalid(dataField(key), redacted, problem));
}

function requireUserOrPassword({ data = {} }: Secret, errors: FieldError[]): void {
  if ("username" in data || "password" in data) return;
  errors.push(required(dataField("username")), required(dataField("password")));
}

function requirePrivateKey({ data = {} }: Secret, errors: FieldError[]): void {
  if (!data["ssh-privatekey"]) errors.push(required(dataField("ssh-privatekey")));
}

function requireCertificateAndKey({ data = {} }: Secret, errors: FieldError[]): void {
  for (const key of ["tls.crt", "tls.key"]) {
    if (!(key in data)) errors.push(required(dataField(key)));
  }
}
