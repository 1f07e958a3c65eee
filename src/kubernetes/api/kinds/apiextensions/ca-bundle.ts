// The certificates a conversion webhook is trusted by: they must be some.

import { X509Certificate } from "node:crypto";
import { type FieldError, invalid } from "../../field-error.ts";

/** `bundle` is base64, as the API shows it. */
export function validateCABundle(bundle: string, path: string): FieldError[] {
  const problem = findBundleProblem(bundle);
  return problem === undefined ? [] : [invalid(path, bundle, problem)];
}

function findBundleProblem(bundle: string): string | undefined {
  const text = Buffer.from(bundle, "base64").toString("latin1");
  if (text === "") return undefined;
  const refusal = "unable to load root certificates: unable to parse bytes as PEM block";
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g);
  if (!blocks) return refusal;
  for (const block of blocks) {
    try {
      new X509Certificate(block);
    } catch (error) {
      return `unable to load root certificates: failed to parse certificate: ${(error as Error).message}`;
    }
  }
  return undefined;
}
