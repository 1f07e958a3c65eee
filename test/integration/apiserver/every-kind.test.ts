// The life of an object of every built-in kind, over the wire: made, shown in every form, changed in every way, watched, removed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { formatApiVersion } from "#kubernetes/api";
import { builtInResources, tableColumnsOf } from "../../../src/kubernetes/api/resources.ts";
import { type Ask, openPort } from "../../support/cluster/open-port.ts";
import { startTestCluster } from "../../support/cluster/test-cluster.ts";
import { sampleNames, samples } from "../../support/samples/every-kind.ts";

type Info = (typeof builtInResources)[number];
type Value = Record<string, unknown>;
type Answered = Value & { metadata: { labels?: Value; resourceVersion?: string } };

const protobuf = "application/vnd.kubernetes.protobuf";
const kept = builtInResources.filter(({ verbs }) => verbs.includes("watch"));

test("every kind that is kept has a sample", () => {
  const missing = kept.map(nameOf).filter((name) => !(name in samples));
  assert.deepEqual(missing, []);
});

test("every kind", async (t) => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  for (const info of kept) {
    await t.test(`the life of a ${info.kind} of ${formatApiVersion(info)}`, () => live(ask, info));
  }
});

function nameOf({ resource, group }: Info): string {
  return group === "" ? resource : `${resource}.${group}`;
}

async function live(ask: Ask, info: Info): Promise<void> {
  const name = sampleNames[nameOf(info)] ?? "sample";
  const collection = `${rootOf(info)}/${info.resource}`;
  const path = `${collection}/${encodeURIComponent(name)}`;
  const sent = { apiVersion: formatApiVersion(info), kind: info.kind, metadata: { name }, ...samples[nameOf(info)] };
  const created = await send(ask, "POST", collection, sent);
  assert.deepEqual([created["apiVersion"], created["kind"]], [sent.apiVersion, sent.kind]);

  await showInEveryForm(ask, path, collection, info);
  await changeInEveryWay(ask, path, info);
  const list = await read(ask, `${collection}?fieldSelector=metadata.name%3D${encodeURIComponent(name)}`);
  assert.equal((list["items"] as unknown[]).length, 1);

  const removed = await ask(path, { method: "DELETE" });
  assert.equal(removed.status, 200, await removed.text());
  if (info.verbs.includes("deletecollection")) {
    const emptied = await ask(`${collection}?labelSelector=none%3Dsuch`, { method: "DELETE" });
    assert.equal(emptied.status, 200, await emptied.text());
  }
}

function rootOf({ group, version, namespaced }: Info): string {
  const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  return namespaced ? `${root}/namespaces/default` : root;
}

async function showInEveryForm(ask: Ask, path: string, collection: string, info: Info): Promise<void> {
  const yaml = await (await ask(path, { headers: { accept: "application/yaml" } })).text();
  assert.match(yaml, new RegExp(`^kind: ${info.kind}$`, "m"));
  const table = await read(ask, collection, "application/json;as=Table;g=meta.k8s.io;v=v1");
  const rows = table["rows"] as { cells: unknown[] }[];
  const columns = table["columnDefinitions"] as unknown[];
  assert.equal(columns.length, tableColumnsOf(info.group, info.version, info.resource)?.length ?? 2);
  // Upstream gives IPAddresses an age, too, and no column for it.
  const extra = info.resource === "ipaddresses" ? 1 : 0;
  for (const { cells } of rows) assert.equal(cells.length, columns.length + extra);
  const partial = await read(ask, path, "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1");
  assert.deepEqual(Object.keys(partial).sort(), ["apiVersion", "kind", "metadata"]);
}

async function changeInEveryWay(ask: Ask, path: string, info: Info): Promise<void> {
  const merge = { "content-type": "application/merge-patch+json" };
  const patched = await send(ask, "PATCH", path, { metadata: { labels: { a: "1" } } }, merge);
  assert.equal(patched.metadata.labels?.["a"], "1");
  const strategic = { "content-type": "application/strategic-merge-patch+json" };
  await send(ask, "PATCH", path, { metadata: { labels: { b: "2" } } }, strategic);
  const operations = [{ op: "add", path: "/metadata/labels/c", value: "3" }];
  await send(ask, "PATCH", path, operations, { "content-type": "application/json-patch+json" });
  const applied = { apiVersion: formatApiVersion(info), kind: info.kind, metadata: { labels: { d: "4" } } };
  const apply = { "content-type": "application/apply-patch+yaml" };
  const result = await send(ask, "PATCH", `${path}?fieldManager=m`, applied, apply);
  const { labels = {} } = result.metadata;
  assert.deepEqual([labels["a"], labels["b"], labels["c"], labels["d"]], ["1", "2", "3", "4"]);

  const bytes = await (await ask(path, { headers: { accept: protobuf } })).bytes();
  assert.equal(Buffer.from(bytes.subarray(0, 4)).toString("latin1"), "k8s\0");
  const put = await ask(path, { method: "PUT", body: bytes, headers: { "content-type": protobuf } });
  const unchanged = (await put.json()) as Answered;
  assert.equal(put.status, 200, JSON.stringify(unchanged));
  assert.equal(unchanged.metadata.resourceVersion, result.metadata.resourceVersion, "a PUT of what there is");

  for (const { name } of (info.subresources ?? []).filter((each) => each.name === "status")) {
    const status = await send(ask, "PATCH", `${path}/${name}`, { metadata: { annotations: { s: "t" } } }, merge);
    assert.equal(status["kind"], info.kind);
  }
}

async function read(ask: Ask, path: string, accept = "application/json"): Promise<Answered> {
  const answer = await ask(path, { headers: { accept } });
  const value = (await answer.json()) as Answered;
  assert.equal(answer.status, 200, JSON.stringify(value));
  return value;
}

async function send(
  ask: Ask,
  method: string,
  path: string,
  body: unknown,
  headers: Record<string, string> = { "content-type": "application/json" },
): Promise<Answered> {
  const answer = await ask(path, { method, body: JSON.stringify(body), headers });
  const value = (await answer.json()) as Answered;
  assert.ok(answer.status < 300, `${method} ${path}: ${JSON.stringify(value)}`);
  return value;
}
