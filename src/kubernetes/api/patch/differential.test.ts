// Random documents and random patches, against a second implementation written from the specifications. Seeds are fixed; one that
// ever fails is named below for good.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import type { ObjectSchema } from "../schema.ts";
import { isStatusError } from "../status-error.ts";
import { createRandom } from "../testing/random.ts";
import { schemaOf } from "../types-table.ts";
import { applyJsonPatch, readJsonPatch } from "./json-patch.ts";
import { applyMergePatch } from "./merge-patch.ts";
import { applyStrategicMergePatch } from "./strategic-merge-patch.ts";
import { randomFields, randomOperations, randomStrategicPatch, randomTyped } from "./testing/random-patches.ts";
import {
  referenceJsonPatch,
  referenceMergePatch,
  referenceStrategicMerge,
  unordered,
} from "./testing/reference-patches.ts";

const rounds = 1000;

function assertSame(actual: unknown, expected: unknown, describe: () => string): void {
  if (!isDeepStrictEqual(actual, expected)) assert.deepEqual(actual, expected, describe());
}

test("merge patches do what RFC 7386 says", () => {
  for (let seed = 0; seed < rounds; seed++) {
    const random = createRandom(seed);
    const [target, patch] = [randomFields(random, 4), randomFields(random, 4)];
    const before = structuredClone(target);
    assertSame(applyMergePatch(target, patch), referenceMergePatch(target, patch), () => `seed ${seed}`);
    assertSame(target, before, () => `seed ${seed}: the target has changed`);
  }
});

test("JSON patches do what RFC 6902 says", () => {
  let applied = 0;
  for (let seed = 0; seed < 2 * rounds; seed++) {
    const random = createRandom(seed);
    const document = randomFields(random, 4);
    const operations = randomOperations(random, document);
    const before = structuredClone(document);
    const expected = referenceJsonPatch(document, operations);
    const describe = () => `seed ${seed}: ${JSON.stringify(operations)} on ${JSON.stringify(document)}`;
    const actual = orUndefined(() => applyJsonPatch(document, readJsonPatch(operations)));
    assertSame(actual, expected, describe);
    assertSame(document, before, () => `${describe()}: the document has changed`);
    if (expected !== undefined) applied++;
  }
  assert.ok(applied > rounds / 2, `only ${applied} patches could be applied`);
});

/** Undefined where the patch is refused as one that does not apply. */
function orUndefined(apply: () => unknown): unknown {
  try {
    return apply();
  } catch (error) {
    if (isStatusError(error) && error.code === 422) return undefined;
    throw error;
  }
}

const kinds = ["core.v1.Pod", "core.v1.Service", "apps.v1.Deployment", "core.v1.Node", "core.v1.ConfigMap"];
for (const kind of kinds) {
  test(`strategic merge patches do what is documented: ${kind}`, () => {
    const schema = schemaOf(`io.k8s.api.${kind}`) as ObjectSchema;
    for (let seed = 0; seed < rounds / 8; seed++) {
      const random = createRandom(seed);
      const target = randomTyped(schema, random, 5) as Record<string, unknown>;
      const patch = randomStrategicPatch(schema, random, 5);
      const before = structuredClone(target);
      const result = applyStrategicMergePatch(target, patch, schema);
      const describe = () => `seed ${seed}: ${JSON.stringify(patch)} on ${JSON.stringify(target)}`;
      assertSame(unordered(result), unordered(referenceStrategicMerge(target, patch, schema)), describe);
      assertSame(target, before, () => `${describe()}: the target has changed`);
    }
  });
}
