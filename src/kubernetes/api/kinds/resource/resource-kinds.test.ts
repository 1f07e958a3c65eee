import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createErrors,
  decodeKind,
  type ErrorRow,
  type Input,
  testCreateErrors,
  testUpdateErrors,
} from "../testing/kind-rows.ts";
import type { DecodedClaim } from "./resource-claim.ts";

const claimKind = "ResourceClaim.v1.resource.k8s.io";
const sliceKind = "ResourceSlice.v1.resource.k8s.io";
const classKind = "DeviceClass.v1.resource.k8s.io";

test("ResourceClaim: one device is asked for where nothing is said", () => {
  const claim = decodeKind<DecodedClaim>(claimKind, {
    spec: { devices: { requests: [{ name: "a", exactly: { deviceClassName: "b" } }] } },
  });
  assert.deepEqual(claim.spec.devices?.requests?.[0]?.exactly, {
    deviceClassName: "b",
    allocationMode: "ExactCount",
    count: 1,
  });
});

const requests: readonly ErrorRow<Input>[] = [
  ["a sound request", { name: "a", exactly: { deviceClassName: "b" } }, []],
  [
    "no kind of request",
    { name: "a" },
    ["spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required"],
  ],
  [
    "both kinds",
    { name: "a", exactly: { deviceClassName: "b" }, firstAvailable: [{ name: "c", deviceClassName: "d" }] },
    [
      "spec.devices.requests[0]: Invalid value: null: exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set",
    ],
  ],
  [
    "all of them, and how many",
    { name: "a", exactly: { deviceClassName: "b", allocationMode: "All", count: 2 } },
    ["spec.devices.requests[0].exactly.count: Invalid value: 2: must not be specified when allocationMode is 'All'"],
  ],
  [
    "an unknown mode and no class",
    { name: "a", exactly: { allocationMode: "Some" } },
    [
      "spec.devices.requests[0].exactly.deviceClassName: Required value",
      'spec.devices.requests[0].exactly.allocationMode: Unsupported value: "Some": supported values: "All", "ExactCount"',
    ],
  ],
  [
    "a selector that selects by nothing; a toleration's operator is Equal where none is said",
    {
      name: "a",
      exactly: {
        deviceClassName: "b",
        selectors: [{}],
        tolerations: [{ key: "k" }, { operator: "Exists", value: "v" }],
      },
    },
    [
      "spec.devices.requests[0].exactly.selectors[0].cel: Required value",
      'spec.devices.requests[0].exactly.tolerations[1].value: Invalid value: "v": must be empty for operator `Exists`',
    ],
  ],
];
testCreateErrors("ResourceClaim", claimKind, (request) => ({ spec: { devices: { requests: [request] } } }), requests);

const claims: readonly ErrorRow<Input>[] = [
  [
    "two requests of one name",
    {
      requests: [
        { name: "a", exactly: { deviceClassName: "b" } },
        { name: "a", exactly: { deviceClassName: "b" } },
      ],
    },
    ['spec.devices.requests[1]: Duplicate value: "a"'],
  ],
  [
    "a constraint on a request there is not",
    {
      requests: [{ name: "a", exactly: { deviceClassName: "b" } }],
      constraints: [{ requests: ["z"], matchAttribute: "plain" }],
    },
    [
      "spec.devices.constraints[0].requests[0]: Invalid value: \"z\": must be the name of a request in the claim or the name of a request and a subrequest separated by '/'",
      'spec.devices.constraints[0].matchAttribute: Invalid value: "plain": a fully qualified name must be a domain and a name separated by a slash',
    ],
  ],
  [
    "configuration of nothing",
    { requests: [{ name: "a", exactly: { deviceClassName: "b" } }], config: [{ requests: ["a"] }] },
    ["spec.devices.config[0].opaque: Required value"],
  ],
];
testCreateErrors("ResourceClaim", claimKind, (devices) => ({ spec: { devices } }), claims);

const claim = {
  metadata: { name: "a" },
  spec: { devices: { requests: [{ name: "r", exactly: { deviceClassName: "b" } }] } },
};
const result = { request: "r", driver: "d.io", pool: "p", device: "e" };
testUpdateErrors(
  "ResourceClaim status",
  claimKind,
  [
    ["an allocation", claim, { status: { allocation: { devices: { results: [result] } } } }, []],
    [
      "reserved without an allocation",
      claim,
      { status: { reservedFor: [{ resource: "pods", name: "p", uid: "u" }] } },
      ["status.reservedFor: Forbidden: may not be specified when `allocated` is not set"],
    ],
    [
      "the status of a device it has not got",
      claim,
      { status: { devices: [{ driver: "d.io", pool: "p", device: "e" }] } },
      [
        'status.devices[0]: Invalid value: {"Driver":"d.io","Pool":"p","Device":"e","ShareID":""}: must be an allocated device in the claim',
      ],
    ],
  ],
  "status",
);

const slices: readonly ErrorRow<Input>[] = [
  ["devices of a node", { nodeName: "n", devices: [{ name: "a" }] }, []],
  [
    "nowhere",
    {},
    [
      "spec: Required value: exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required",
    ],
  ],
  [
    "in two places, devices twice, an attribute of two kinds",
    {
      nodeName: "n",
      allNodes: true,
      devices: [{ name: "a", attributes: { x: { string: "1", bool: true } } }, { name: "a" }],
    },
    [
      'spec: Invalid value: "{`nodeName`, `allNodes`}": exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required, but multiple fields are set',
      'spec.devices[0].attributes[x]: Invalid value: {"IntValue":null,"BoolValue":true,"StringValue":"1","VersionValue":null,"IntValues":null,"BoolValues":null,"StringValues":null,"VersionValues":null}: exactly one value must be specified',
      'spec.devices[1]: Duplicate value: "a"',
    ],
  ],
  [
    "a policy for requests that no default fits",
    {
      allNodes: true,
      devices: [
        {
          name: "a",
          allowMultipleAllocations: true,
          capacity: {
            memory: { value: "10Gi", requestPolicy: { default: "3Gi", validRange: { min: "1Gi", step: "4Gi" } } },
          },
        },
      ],
    },
    [
      'spec.devices[0].capacity[memory].requestPolicy.validRange.step: Invalid value: "3Gi": value is not a multiple of a given step (4Gi) from (1Gi)',
    ],
  ],
];
const pool = { name: "p", resourceSliceCount: 1 };
testCreateErrors("ResourceSlice", sliceKind, (spec) => ({ spec: { driver: "d.io", pool, ...spec } }), slices);

test("DeviceClass: an extended resource's name", () => {
  assert.deepEqual(createErrors(classKind, { spec: { extendedResourceName: "example.com/gpu" } }), []);
  assert.deepEqual(createErrors(classKind, { spec: { extendedResourceName: "cpu" } }), [
    'spec.extendedResourceName: Invalid value: "cpu": must be a valid extended resource name',
  ]);
});
