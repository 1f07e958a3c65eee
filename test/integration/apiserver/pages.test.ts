// Lists in pages, and at versions: what upstream answers to each combination of limit, continue and resourceVersion.

import assert from "node:assert/strict";
import { test } from "node:test";
import { resources } from "#kubernetes/api";
import { FakeClock } from "#shared";
import { type Ask, openPort } from "../../support/cluster/open-port.ts";
import { startTestCluster, type TestCluster } from "../../support/cluster/test-cluster.ts";

interface List {
  readonly code?: number;
  readonly message?: string;
  readonly metadata: {
    readonly continue?: string;
    readonly resourceVersion: string;
    readonly remainingItemCount?: number;
  };
  readonly items: readonly { readonly metadata: { readonly name: string } }[];
}

const namespace = "default";

async function fill({ client }: TestCluster, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const labels = { parity: name.charCodeAt(0) % 2 === 0 ? "even" : "odd" };
    await client.create(resources.podTemplates, {
      metadata: { name, namespace, labels },
      template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "i" }] } },
    });
  }
}

async function list(ask: Ask, query: Record<string, string>): Promise<List> {
  const answer = await ask(`/api/v1/namespaces/${namespace}/podtemplates?${new URLSearchParams(query)}`);
  return (await answer.json()) as List;
}

const namesOf = ({ items }: List): string => items.map(({ metadata }) => metadata.name).join("");

test("pages: all show the same version, whatever is written meanwhile", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  await fill(cluster, ["a", "b", "c", "d", "e"]);
  const first = await list(ask, { limit: "2" });
  assert.deepEqual([namesOf(first), first.metadata.remainingItemCount], ["ab", 3]);
  await fill(cluster, ["bb"]);
  const second = await list(ask, { limit: "2", continue: first.metadata.continue! });
  assert.deepEqual([namesOf(second), second.metadata.resourceVersion], ["cd", first.metadata.resourceVersion]);
  const last = await list(ask, { continue: second.metadata.continue! });
  assert.deepEqual(
    [namesOf(last), last.metadata.continue, last.metadata.remainingItemCount],
    ["e", undefined, undefined],
  );
});

test("pages: after five minutes the rest is only to be had as of now", async () => {
  const clock = new FakeClock();
  await using cluster = await startTestCluster({ clock });
  const ask = await openPort(cluster);
  await fill(cluster, ["a", "b", "c", "d"]);
  const first = await list(ask, { limit: "2" });
  await clock.advance(4 * 60_000);
  assert.equal(namesOf(await list(ask, { continue: first.metadata.continue! })), "cd");
  await clock.advance(61_000);
  const refused = await list(ask, { limit: "2", continue: first.metadata.continue! });
  assert.equal(refused.code, 410);
  assert.match(
    refused.message ?? "",
    /^The provided continue parameter is too old to display a consistent list result\./,
  );
  await fill(cluster, ["bb"]);
  const rest = await list(ask, { limit: "2", continue: refused.metadata.continue! });
  assert.deepEqual([namesOf(rest), rest.metadata.remainingItemCount], ["bbc", 1]);
  assert.notEqual(rest.metadata.resourceVersion, first.metadata.resourceVersion);
});

test("pages: whoever takes any version gets all; selectors do not tell how many are left", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  await fill(cluster, ["a", "b", "c", "d"]);
  assert.equal(namesOf(await list(ask, { limit: "1", resourceVersion: "0" })), "abcd");
  const odd = await list(ask, { limit: "2", labelSelector: "parity=odd" });
  assert.deepEqual([namesOf(odd), odd.metadata.remainingItemCount], ["ac", undefined]);
  // There is another object, which the next page finds not to be wanted.
  const rest = await list(ask, { labelSelector: "parity=odd", continue: odd.metadata.continue! });
  assert.deepEqual([namesOf(rest), rest.metadata.continue], ["", undefined]);
});

test("versions: exactly one, or none older", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  await fill(cluster, ["a"]);
  const { resourceVersion } = (await list(ask, {})).metadata;
  await fill(cluster, ["b"]);
  const exact = { resourceVersion, resourceVersionMatch: "Exact" };
  assert.equal(namesOf(await list(ask, exact)), "a");
  assert.equal(namesOf(await list(ask, { resourceVersion, resourceVersionMatch: "NotOlderThan" })), "ab");
  assert.equal(namesOf(await list(ask, { resourceVersion })), "ab");
  assert.equal(namesOf(await list(ask, { resourceVersion, limit: "5" })), "a");
  const future = await list(ask, { resourceVersion: "999999999" });
  assert.equal(future.code, 504);
});

const refusals: readonly (readonly [query: Record<string, string>, code: number, message: RegExp])[] = [
  [{ resourceVersionMatch: "Exact" }, 422, /resourceVersionMatch is forbidden unless resourceVersion is provided/],
  [{ resourceVersionMatch: "Exact", resourceVersion: "0" }, 422, /"exact" is forbidden for resourceVersion "0"/],
  [{ resourceVersionMatch: "Newest", resourceVersion: "1" }, 422, /Unsupported value: "Newest"/],
  [{ sendInitialEvents: "true" }, 422, /sendInitialEvents is forbidden for list/],
  [{ continue: "nonsense!" }, 400, /^invalid continue token: continue key is not valid/],
  [{ continue: "bnVsbA" }, 400, /server does not recognize this encoded version/],
  [{ resourceVersion: "x" }, 400, /Invalid value: "x"/],
  [{ fieldSelector: "constructor=a" }, 400, /is not a known field selector|field label not supported/],
  [{ labelSelector: "a in" }, 400, /unable to parse requirement/],
];

test("versions: what cannot be asked for", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  for (const [query, code, message] of refusals) {
    const refused = await list(ask, query);
    assert.equal(refused.code, code, JSON.stringify([query, refused]));
    assert.match(refused.message ?? "", message);
  }
  await fill(cluster, ["a", "b"]);
  const { metadata } = await list(ask, { limit: "1" });
  const both = await list(ask, { continue: metadata.continue!, resourceVersion: metadata.resourceVersion });
  assert.equal(both.message, "specifying resource version is not allowed when using continue");
});
