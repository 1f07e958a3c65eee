// What is wrong with a CertificateSigningRequest by itself. What was already wrong before a change is put up with.

import { X509Certificate } from "node:crypto";
import { parseCertificateRequest } from "../../certificates/certificate-request.ts";
import { readPemBlocks } from "../../certificates/pem.ts";
import { child, duplicate, type FieldError, invalid, item, notSupported, quote, required } from "../../field-error.ts";
import type { CertificateSigningRequestCondition, CertificateSigningRequestSpec } from "../../generated/types.ts";
import type { DecodedRequest } from "./certificate-signing-request.ts";
import { validateSignerName } from "./validate-signer-name.ts";

type Condition = CertificateSigningRequestCondition;

const shortestLife = 600;
const legacySigner = "kubernetes.io/legacy-unknown";

/** In order, as messages show them. */
const knownUsages = [
  "any",
  "cert sign",
  "client auth",
  "code signing",
  "content commitment",
  "crl sign",
  "data encipherment",
  "decipher only",
  "digital signature",
  "email protection",
  "encipher only",
  "ipsec end system",
  "ipsec tunnel",
  "ipsec user",
  "key agreement",
  "key encipherment",
  "microsoft sgc",
  "netscape sgc",
  "ocsp signing",
  "s/mime",
  "server auth",
  "signing",
  "timestamping",
];

export function validateRequest({ spec, status }: DecodedRequest, old: DecodedRequest | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const problem = describeRequestProblem(spec.request);
  if (problem !== undefined) errors.push(invalid("spec.request", spec.request ?? null, problem));
  validateUsages(spec.usages ?? [], old?.spec.usages ?? [], errors);
  validateSigner(spec, old, errors);
  if (spec.expirationSeconds !== undefined && spec.expirationSeconds < shortestLife) {
    const why = "may not specify a duration less than 600 seconds (10 minutes)";
    errors.push(invalid("spec.expirationSeconds", spec.expirationSeconds, why));
  }
  validateConditions(status.conditions ?? [], old?.status.conditions ?? [], errors);
  validateCertificate(status.certificate, old, errors);
  return errors;
}

function describeRequestProblem(request: string | null | undefined): string | undefined {
  try {
    return parseCertificateRequest(Buffer.from(request ?? "", "base64").toString("latin1")).checkSignature();
  } catch (error) {
    return (error as Error).message;
  }
}

function validateUsages(usages: readonly string[], old: readonly string[], errors: FieldError[]): void {
  if (usages.length === 0) errors.push(required("spec.usages"));
  if (old.every((usage) => knownUsages.includes(usage))) {
    for (const [index, usage] of usages.entries()) {
      if (!knownUsages.includes(usage)) errors.push(notSupported(item("spec.usages", index), usage, knownUsages));
    }
  }
  if (!hasDuplicates(old)) reportDuplicates(usages, (index) => item("spec.usages", index), errors);
}

function validateSigner(
  { signerName }: CertificateSigningRequestSpec,
  old: DecodedRequest | undefined,
  errors: FieldError[],
): void {
  if (signerName === legacySigner && old?.spec.signerName !== legacySigner) {
    errors.push(invalid("spec.signerName", signerName, "the legacy signerName is not allowed via this API version"));
  } else validateSignerName(signerName, "spec.signerName", errors);
}

const statuses = ["False", "True", "Unknown"];
const alwaysTrue = ["Approved", "Denied", "Failed"];

function validateConditions(conditions: readonly Condition[], old: readonly Condition[], errors: FieldError[]): void {
  const path = "status.conditions";
  const oldTypes = old.map(({ type }) => type);
  const toleratesBoth = oldTypes.includes("Approved") && oldTypes.includes("Denied");
  const toleratesEmpty = oldTypes.includes("");
  const toleratesDuplicates = hasDuplicates(oldTypes);
  const known = new Set<string>();
  for (const [index, { type, status }] of conditions.entries()) {
    const conditionPath = item(path, index);
    if (type === "" && !toleratesEmpty) errors.push(required(child(conditionPath, "type")));
    const allowed = alwaysTrue.includes(type) ? ["True"] : statuses;
    if (status === "") errors.push(required(child(conditionPath, "status")));
    else if (!allowed.includes(status)) errors.push(notSupported(child(conditionPath, "status"), status, allowed));
    const opposite = type === "Approved" ? "Denied" : type === "Denied" ? "Approved" : undefined;
    if (opposite && known.has(opposite) && !toleratesBoth) {
      errors.push(invalid(path, type, "Approved and Denied conditions are mutually exclusive"));
    }
    if (known.has(type) && !toleratesDuplicates) errors.push(duplicate(child(conditionPath, "type"), type));
    known.add(type);
  }
}

function validateCertificate(
  certificate: string | undefined,
  old: DecodedRequest | undefined,
  errors: FieldError[],
): void {
  const before = old?.status.certificate;
  if (old && (certificate === before || describeCertificateProblem(before) !== undefined)) return;
  const problem = describeCertificateProblem(certificate);
  if (problem !== undefined) errors.push(invalid("status.certificate", "<certificate data>", problem));
}

function describeCertificateProblem(certificate: string | undefined): string | undefined {
  if (!certificate) return undefined;
  const blocks = readPemBlocks(Buffer.from(certificate, "base64").toString("latin1"));
  for (const { type, hasHeaders, bytes } of blocks) {
    if (type !== "CERTIFICATE") return `only CERTIFICATE PEM blocks are allowed, found ${quote(type)}`;
    if (hasHeaders) return "no PEM block headers are permitted";
    if (bytes.length === 0) return "found CERTIFICATE PEM block containing 0 certificates";
    try {
      new X509Certificate(bytes);
    } catch {
      return "x509: malformed certificate";
    }
  }
  return blocks.length === 0 ? "must contain at least one CERTIFICATE PEM block" : undefined;
}

function hasDuplicates(values: readonly string[]): boolean {
  return new Set(values).size < values.length;
}

function reportDuplicates(values: readonly string[], pathOf: (index: number) => string, errors: FieldError[]): void {
  const known = new Set<string>();
  for (const [index, value] of values.entries()) {
    if (known.has(value)) errors.push(duplicate(pathOf(index), value));
    known.add(value);
  }
}
