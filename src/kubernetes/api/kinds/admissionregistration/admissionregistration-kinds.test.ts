import assert from "node:assert/strict";
import { test } from "node:test";
import type { ValidatingWebhookConfiguration } from "../../generated/types.ts";
import { decodeKind, type ErrorRow, type Input, testCreateErrors, testUpdateErrors } from "../testing/kind-rows.ts";

const webhookKind = "ValidatingWebhookConfiguration.v1.admissionregistration.k8s.io";
const policyKind = "ValidatingAdmissionPolicy.v1.admissionregistration.k8s.io";
const mutatingKind = "MutatingAdmissionPolicy.v1.admissionregistration.k8s.io";
const bindingKind = "ValidatingAdmissionPolicyBinding.v1.admissionregistration.k8s.io";

const rule = { operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods"] };
const webhook = {
  name: "a.example.com",
  clientConfig: { service: { namespace: "n", name: "s" } },
  rules: [rule],
  sideEffects: "None",
  admissionReviewVersions: ["v1"],
};

test("ValidatingWebhookConfiguration: defaults", () => {
  const { webhooks } = decodeKind<ValidatingWebhookConfiguration>(webhookKind, { webhooks: [webhook] });
  assert.deepEqual(webhooks?.[0], {
    ...webhook,
    clientConfig: { service: { namespace: "n", name: "s", port: 443 } },
    rules: [{ ...rule, scope: "*" }],
    failurePolicy: "Fail",
    matchPolicy: "Equivalent",
    namespaceSelector: {},
    objectSelector: {},
    timeoutSeconds: 10,
  });
});

const webhooks: readonly ErrorRow<Input>[] = [
  ["a sound one", {}, []],
  [
    "a short name",
    { name: "a.b" },
    ['webhooks[0].name: Invalid value: "a.b": should be a domain with at least three segments separated by dots'],
  ],
  [
    "side effects",
    { sideEffects: "Some" },
    ['webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"'],
  ],
  [
    "patience",
    { timeoutSeconds: 31 },
    ["webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds"],
  ],
  [
    "reached in no way",
    { clientConfig: {} },
    ["webhooks[0].clientConfig: Required value: exactly one of url or service is required"],
  ],
  [
    "reached without TLS, by somebody",
    { clientConfig: { url: "http://me@host/?a" } },
    [
      "webhooks[0].clientConfig.url: Invalid value: \"http\": 'https' is the only allowed URL scheme; desired format: https://host[/path]",
      'webhooks[0].clientConfig.url: Invalid value: "me": user information is not permitted in the URL',
      'webhooks[0].clientConfig.url: Invalid value: "a": query parameters are not permitted in the URL',
    ],
  ],
  [
    "a wildcard in company",
    { rules: [{ ...rule, operations: ["*", "CREATE"], resources: ["pods/*", "pods/status"] }] },
    [
      'webhooks[0].rules[0].operations: Invalid value: ["*","CREATE"]: if \'*\' is present, must not specify other operations',
      "webhooks[0].rules[0].resources[1]: Invalid value: \"pods/status\": if 'pods/*' is present, must not specify pods/status",
    ],
  ],
  [
    "a version nobody speaks",
    { admissionReviewVersions: ["v3"] },
    ['webhooks[0].admissionReviewVersions: Invalid value: ["v3"]: must include at least one of v1, v1beta1'],
  ],
  [
    "conditions without an expression or of one name",
    {
      matchConditions: [
        { name: "a", expression: " " },
        { name: "a", expression: "true" },
      ],
    },
    [
      "webhooks[0].matchConditions[0].expression: Required value",
      'webhooks[0].matchConditions[1].name: Duplicate value: "a"',
    ],
  ],
];
const configurationOf = (part: Input): Input => ({ webhooks: [{ ...webhook, ...part }] });
testCreateErrors("ValidatingWebhookConfiguration", webhookKind, configurationOf, webhooks);

testUpdateErrors("ValidatingWebhookConfiguration", webhookKind, [
  [
    "side effects there were before",
    { webhooks: [{ ...webhook, sideEffects: "Some" }] },
    { webhooks: [{ ...webhook, sideEffects: "Unknown" }] },
    [],
  ],
]);

const policies: readonly ErrorRow<Input>[] = [
  ["a sound one", {}, []],
  [
    "that demands nothing",
    { validations: [] },
    [
      "spec.validations: Required value: validations or auditAnnotations must contain at least one item",
      "spec.auditAnnotations: Required value: validations or auditAnnotations must contain at least one item",
    ],
  ],
  [
    "about no resources, with parameters of no kind",
    { matchConstraints: {}, paramKind: { apiVersion: "a/b/c" } },
    [
      'spec.paramKind.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
      "spec.paramKind.kind: Required value",
      "spec.matchConstraints.resourceRules: Required value",
    ],
  ],
  [
    "a blank message and an unknown reason",
    { validations: [{ expression: "true", message: " ", reason: "Because" }] },
    [
      'spec.validations[0].message: Invalid value: " ": must be non-empty if specified',
      'spec.validations[0].reason: Unsupported value: "Because": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge"',
    ],
  ],
];
const policySpec = { matchConstraints: { resourceRules: [rule] }, validations: [{ expression: "true" }] };
const policyOf = (part: Input): Input => ({ metadata: { name: "p" }, spec: { ...policySpec, ...part } });
testCreateErrors("ValidatingAdmissionPolicy", policyKind, policyOf, policies);

const mutations: readonly ErrorRow<Input>[] = [
  ["a sound one", {}, []],
  ["never said how often", { reinvocationPolicy: "" }, ["spec.reinvocationPolicy: Required value"]],
  [
    "of deletions",
    { matchConstraints: { resourceRules: [{ ...rule, operations: ["DELETE"] }] } },
    [
      'spec.matchConstraints.resourceRules.operations: Unsupported value: "DELETE": supported values: "*", "CONNECT", "CREATE", "UPDATE"',
    ],
  ],
  [
    "a patch of the other type",
    { mutations: [{ patchType: "JSONPatch", applyConfiguration: { expression: "x" } }] },
    [
      "spec.mutations[0].jsonPatch: Required value: must be specified when patchType is JSONPatch",
      'spec.mutations[0].applyConfiguration: Invalid value: "{applyConfiguration}": must not be specified when patchType is JSONPatch',
    ],
  ],
];
const mutatingSpec = {
  matchConstraints: { resourceRules: [rule] },
  mutations: [{ patchType: "JSONPatch", jsonPatch: { expression: "[]" } }],
  reinvocationPolicy: "Never",
};
testCreateErrors(
  "MutatingAdmissionPolicy",
  mutatingKind,
  (part) => ({ spec: { ...mutatingSpec, ...part } }),
  mutations,
);

const bindings: readonly ErrorRow<Input>[] = [
  ["a sound one", {}, []],
  [
    "denying and warning",
    { validationActions: ["Deny", "Warn"] },
    [
      'spec.validationActions: Invalid value: ["Deny","Warn"]: must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
    ],
  ],
  [
    "parameters nowhere",
    { paramRef: {} },
    [
      "spec.paramRef: Required value: one of name or selector must be specified",
      "spec.paramRef.parameterNotFoundAction: Required value",
    ],
  ],
];
const bindingSpec = { policyName: "p", validationActions: ["Deny"] };
testCreateErrors(
  "ValidatingAdmissionPolicyBinding",
  bindingKind,
  (part) => ({ spec: { ...bindingSpec, ...part } }),
  bindings,
);
