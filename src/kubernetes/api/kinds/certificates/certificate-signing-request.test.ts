import { generateKeyPairSync } from "node:crypto";
import { type ErrorRow, type Input, testCreateErrors, testUpdateErrors } from "../testing/kind-rows.ts";
import { makeRequest } from "./testing/make-request.ts";

const kind = "CertificateSigningRequest.v1.certificates.k8s.io";
const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const request = Buffer.from(makeRequest("a", { privateKey, publicKey })).toString("base64");
const spec = { request, signerName: "example.com/signer", usages: ["client auth"] };

const rows: readonly ErrorRow<Input>[] = [
  ["a sound request", {}, []],
  [
    "what is no request",
    { request: Buffer.from("x").toString("base64") },
    ['spec.request: Invalid value: "eA==": PEM block type must be CERTIFICATE REQUEST'],
  ],
  ["no usages", { usages: [] }, ["spec.usages: Required value"]],
  ["a usage twice", { usages: ["any", "any"] }, ['spec.usages[1]: Duplicate value: "any"']],
  [
    "the old signer",
    { signerName: "kubernetes.io/legacy-unknown" },
    [
      'spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via this API version',
    ],
  ],
  [
    "a signer without a domain",
    { signerName: "plain" },
    [
      "spec.signerName: Invalid value: \"plain\": must be a fully qualified domain and path of the form 'example.com/signer-name'",
    ],
  ],
  [
    "a short life",
    { expirationSeconds: 599 },
    ["spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 600 seconds (10 minutes)"],
  ],
];
testCreateErrors("CertificateSigningRequest", kind, (part) => ({ spec: { ...spec, ...part } }), rows);

const approved = { type: "Approved", status: "True" };
testUpdateErrors(
  "CertificateSigningRequest approval",
  kind,
  [
    ["approved", { spec }, { status: { conditions: [approved] } }, []],
    [
      "approved and denied",
      { spec },
      { status: { conditions: [approved, { type: "Denied", status: "True" }] } },
      ['status.conditions: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive'],
    ],
    [
      "approval taken back",
      { spec, status: { conditions: [approved] } },
      { status: { conditions: [] } },
      ['status.conditions: Forbidden: updates may not remove a condition of type "Approved"'],
    ],
  ],
  "approval",
);
testUpdateErrors(
  "CertificateSigningRequest status",
  kind,
  [
    [
      "approved by the way",
      { spec },
      { status: { conditions: [approved] } },
      ['status.conditions: Forbidden: updates may not add a condition of type "Approved"'],
    ],
    [
      "no certificate",
      { spec },
      { status: { certificate: Buffer.from("x").toString("base64") } },
      ['status.certificate: Invalid value: "<certificate data>": must contain at least one CERTIFICATE PEM block'],
    ],
  ],
  "status",
);
