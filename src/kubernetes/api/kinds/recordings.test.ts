// What a real kube-apiserver 1.36.2 made of objects it was sent, and what it found wrong with others, at this level: what
// admission, the registry and allocation add to an answer is left out.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { describeFieldError } from "../field-error.ts";
import { applyStrategicMergePatch } from "../patch/strategic-merge-patch.ts";
import type { UnknownObject } from "../resource.ts";
import { schemaOfKind } from "../types-table.ts";
import { settleIPFamilies } from "./core/service/ip-families.ts";
import { normalizeClusterIPs } from "./core/service/linked-fields.ts";
import type { DecodedService } from "./core/service/service-traits.ts";
import { validateMetadataOfCreate } from "./metadata/object-meta.ts";
import { decodeKind, definitionOf, testTime } from "./testing/kind-rows.ts";

interface Step {
  readonly request: readonly [method: string, path: string, body: unknown];
  readonly answer: { readonly status: number; readonly body: UnknownObject & { details?: { causes?: Cause[] } } };
}

interface Cause {
  readonly field: string;
  readonly message: string;
}

const fixture = join(import.meta.dirname, "../../../../test/fixtures/recordings/kubernetes-1.36.json");
const recordings = JSON.parse(readFileSync(fixture, "utf8").replaceAll("<rand>", "abcde")) as Record<string, Step[]>;

const defaulted = ["pod", "pod-rich", "service", "pvc", "pv", "secret", "node", "namespace"];
for (const name of defaulted) {
  test(`recorded: default/${name}`, () => {
    const created = recordings[`default/${name}`]!.filter(isCoreCreate).filter(({ answer }) => answer.status === 201);
    assert.notEqual(created.length, 0);
    for (const { request, answer } of created) assertAnswered(create(request[2]), answer.body);
  });
}

for (const name of ["pod", "service", "misc"]) {
  test(`recorded: invalid/${name}`, () => {
    const refused = recordings[`invalid/${name}`]!.filter(isCoreCreate).filter(({ answer }) => answer.status === 422);
    assert.notEqual(refused.length, 0);
    for (const { request, answer } of refused) assert.deepEqual(findProblems(request[2]), causesOf(answer));
  });
}

test("recorded: invalid/immutable: changes, with the difference they make", () => {
  const live = new Map<string, UnknownObject>();
  const steps = recordings["invalid/immutable"]!.filter(({ request }) => request[1].startsWith("/api/v1/"));
  for (const { request, answer } of steps) {
    const [method, path, body] = request;
    const { name } = answer.body.metadata;
    const object = { ...answer.body, metadata: { name } } as UnknownObject;
    if (method === "POST") live.set(`${path}/${name}`, object);
    else if (answer.status === 200) live.set(path, object);
    else assert.deepEqual(findUpdateProblems(live.get(path)!, body), causesOf(answer));
  }
});

function isCoreCreate({ request: [method, path, body] }: Step): boolean {
  return method === "POST" && path.startsWith("/api/v1/") && typeof body === "object";
}

function kindOf(body: unknown): string {
  return (body as { kind: string }).kind;
}

/** Until it is validated, as the registry does it. */
function create(body: unknown): UnknownObject {
  const kind = kindOf(body);
  const object = decodeKind(kind, body as UnknownObject);
  if (kind === "Service") normalizeClusterIPs(object as unknown as DecodedService);
  definitionOf(kind).prepareForCreate?.(object, testTime);
  return object;
}

function findProblems(body: unknown): string[] {
  const kind = kindOf(body);
  const object = create(body);
  const service = object as unknown as DecodedService;
  const problems = kind === "Service" ? settleIPFamilies(service, undefined, ["IPv4"]) : [];
  if (problems.length > 0) return problems.map(describeFieldError);
  const definition = definitionOf(kind);
  const metadata = { ...object.metadata, namespace: "default" };
  const { validateName } = definition;
  const rules = {
    namespaced: true,
    validateName: validateName && ((name: string, isPrefix: boolean) => validateName(name, isPrefix, object)),
  };
  return [...validateMetadataOfCreate(metadata, rules), ...definition.validate!(object)].map(describeFieldError);
}

function findUpdateProblems(live: UnknownObject, patch: unknown): string[] {
  const kind = kindOf(live);
  const old = decodeKind(kind, live);
  const schema = schemaOfKind("", "v1", kind)!;
  const object = decodeKind(kind, applyStrategicMergePatch(structuredClone(old), patch, schema) as UnknownObject);
  const definition = definitionOf(kind);
  definition.prepareForUpdate?.(object, old, testTime);
  return definition.validateUpdate!(object, old).map(describeFieldError).map(withoutLineNumbers);
}

function causesOf({ body }: Step["answer"]): string[] {
  return (body.details?.causes ?? []).map(({ field, message }) => withoutLineNumbers(`${field}: ${message}`));
}

/** Differences are counted from a volume that was taken out of the recordings. */
function withoutLineNumbers(text: string): string {
  return text.replace(/@@ .* @@/g, "@@");
}

/** Of answers, what others add: admission to pods and storage, allocation to services, the registry to metadata. */
const added = [
  /^\.metadata(?!\.labels)/,
  /^\.spec\.(tolerations|priority|preemptionPolicy|serviceAccount|serviceAccountName|volumes|storageClassName|taints)/,
  /^\.spec\.(initContainers|containers)\.\d+\.volumeMounts/,
  /^\.spec\.(clusterIP|clusterIPs|ipFamilies|ipFamilyPolicy|healthCheckNodePort|ports\.\d+\.nodePort)/,
];

function assertAnswered(object: unknown, answer: unknown): void {
  assert.deepEqual(compare(JSON.parse(JSON.stringify(object)), answer, ""), []);
}

/** The paths where the two differ for no known reason. */
function compare(ours: unknown, theirs: unknown, path: string): string[] {
  if (typeof theirs === "string" && theirs.includes("<")) return [];
  if (ours === undefined && added.some((pattern) => pattern.test(path))) return [];
  if (!isRecord(ours) || !isRecord(theirs)) {
    return ours === theirs ? [] : [`${path}: ${JSON.stringify(ours)} instead of ${JSON.stringify(theirs)}`];
  }
  const keys = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
  return [...keys].flatMap((key) => compare(ours[key], theirs[key], `${path}.${key}`));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
