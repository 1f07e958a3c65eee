// Custom resources against a server in this process: what definitions make of a server, and take away again.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type ApiRequest, type CustomResourceDefinition, isStatusError, type UnknownObject } from "#kubernetes/api";
import { createApiServer } from "#kubernetes/apiserver";
import { openMemoryStore } from "#kubernetes/store";

const admin = { name: "admin", groups: ["system:masters", "system:authenticated"] };
const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const widgets = "/apis/ex.example/v1/namespaces/default/widgets";
type Version = CustomResourceDefinition["spec"]["versions"][number];

interface SendOptions {
  readonly body?: object;
  readonly bytes?: Uint8Array;
  readonly type?: string;
  readonly query?: Record<string, string>;
  readonly agent?: string;
}

function start(t: TestContext) {
  const server = createApiServer({ store: openMemoryStore({ freeze: true }), tokens: { admin } });
  t.after(() => server.stop());
  const request = (
    method: ApiRequest["method"],
    path: string,
    { body, bytes, type, query, agent = "test" }: SendOptions = {},
  ) =>
    server.handler({
      method,
      path,
      query: new URLSearchParams(query),
      headers: { "user-agent": agent, ...(type && { "content-type": type }) },
      user: admin,
      ...(body && { body: { kind: "object", object: structuredClone(body) } as const }),
      ...(bytes && { body: { kind: "bytes", bytes } as const }),
    });
  const send = async (
    method: ApiRequest["method"],
    path: string,
    options: SendOptions = {},
  ): Promise<UnknownObject> => {
    const answer = await request(method, path, options);
    assert.ok(answer.kind === "object");
    return answer.object as UnknownObject;
  };
  /** The message of the refusal. */
  const refused = async (method: ApiRequest["method"], path: string, options: SendOptions = {}): Promise<string> => {
    try {
      await request(method, path, options);
    } catch (error) {
      assert.ok(isStatusError(error), String(error));
      return error.message;
    }
    throw new assert.AssertionError({ message: `${method} ${path} was not refused` });
  };
  /** Waits for a state of a definition, by watching it. */
  const until = async (name: string, matches: (definition: CustomResourceDefinition | undefined) => boolean) => {
    const query = { watch: "true", fieldSelector: `metadata.name=${name}`, timeoutSeconds: "10" };
    const list = await send("GET", definitions, { query: { fieldSelector: query.fieldSelector } });
    const [present] = list["items"] as CustomResourceDefinition[];
    if (matches(present)) return;
    const resourceVersion = list.metadata.resourceVersion ?? "";
    const answer = await request("GET", definitions, { query: { ...query, resourceVersion } });
    assert.ok(answer.kind === "watch");
    for await (const events of answer.events) {
      for (const { type, object } of events) {
        if (matches(type === "DELETED" ? undefined : (object as CustomResourceDefinition))) return;
      }
    }
    assert.fail(`${name} did not come to be as wished`);
  };
  const define = async (definition: object): Promise<void> => {
    const { metadata } = await send("POST", definitions, { body: definition });
    await until(metadata.name ?? "", (found) => hasCondition(found, "Established", "True"));
  };
  /** The warnings of an answer over the wire, where refusals have them, too. */
  const warningsOf = async (path: string, body: object): Promise<string | null> => {
    const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
    const headers = { authorization: "Bearer admin", "content-type": "application/merge-patch+json" };
    const url = `http://127.0.0.1:${port}${path}`;
    return (await fetch(url, { method: "PATCH", headers, body: JSON.stringify(body) })).headers.get("warning");
  };
  return { send, request, refused, until, define, warningsOf };
}

function hasCondition(definition: CustomResourceDefinition | undefined, type: string, status: string): boolean {
  return definition?.status?.conditions?.some((each) => each.type === type && each.status === status) ?? false;
}

function widgetDefinition(versions: readonly Partial<Version>[], names: object = {}): object {
  return {
    metadata: { name: "widgets.ex.example" },
    spec: {
      group: "ex.example",
      scope: "Namespaced",
      names: { plural: "widgets", kind: "Widget", ...names },
      versions: versions.map((version, index) => ({ name: "v1", served: true, storage: index === 0, ...version })),
    },
  };
}

const spec = (properties: object) => ({
  openAPIV3Schema: { type: "object", properties: { spec: { type: "object", properties } } } as never,
});

function widget(name: string, fields: object, version = "v1"): object {
  return { apiVersion: `ex.example/${version}`, kind: "Widget", metadata: { name }, ...fields };
}

test("a definition is served at once, and discovery tells of it", async (t) => {
  const { send, define } = start(t);
  await define(
    widgetDefinition([{ schema: spec({ size: { type: "integer" } }) }], { shortNames: ["wd"], categories: ["all"] }),
  );
  const list = await send("GET", "/apis/ex.example/v1");
  const [{ storageVersionHash, ...resource }] = list["resources"] as [{ storageVersionHash: string }];
  assert.ok(storageVersionHash);
  assert.deepEqual(resource, {
    name: "widgets",
    singularName: "widget",
    namespaced: true,
    kind: "Widget",
    verbs: ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"],
    shortNames: ["wd"],
    categories: ["all"],
  });
  const created = await send("POST", widgets, { body: widget("a", { spec: { size: 1, other: 2 } }) });
  assert.deepEqual(created["spec"], { size: 1 });
});

test("its versions have APIServices of their own", async (t) => {
  const { request, define } = start(t);
  await define(widgetDefinition([{ schema: spec({}) }]));
  const query = { watch: "true", fieldSelector: "metadata.name=v1.ex.example" };
  const answer = await request("GET", "/apis/apiregistration.k8s.io/v1/apiservices", { query });
  assert.ok(answer.kind === "watch");
  for await (const events of answer.events) {
    const expected = { group: "ex.example", version: "v1", groupPriorityMinimum: 1000, versionPriority: 100 };
    assert.deepEqual((events[0]!.object as UnknownObject)["spec"], expected);
    break;
  }
});

test("a definition that goes takes its objects along, finalizers heeded", async (t) => {
  const { send, request, refused, define, until } = start(t);
  await define(widgetDefinition([{ schema: spec({}) }]));
  await send("POST", widgets, { body: widget("a", {}) });
  const held = { ...widget("b", {}), metadata: { name: "b", finalizers: ["ex.example/hold"] } };
  await send("POST", widgets, { body: held });
  await send("DELETE", `${definitions}/widgets.ex.example`);
  await until("widgets.ex.example", (found) => hasCondition(found, "Terminating", "True"));
  assert.match(
    await refused("POST", widgets, { body: widget("c", {}) }),
    /^widgets.ex.example "c" is forbidden: create not allowed while custom resource definition is terminating$/,
  );
  const release = { metadata: { finalizers: null } };
  await send("PATCH", `${widgets}/b`, { body: release, type: "application/merge-patch+json" });
  await until("widgets.ex.example", (found) => found === undefined);
  const gone = await request("GET", widgets);
  assert.equal(gone.kind === "bytes" && gone.status, 404);
});

test("a delete takes options of its own group's version", async (t) => {
  const { request, send, define } = start(t);
  await define(widgetDefinition([{ schema: spec({}) }]));
  await send("POST", widgets, { body: widget("a", {}) });
  const options = { kind: "DeleteOptions", apiVersion: "ex.example/v1", propagationPolicy: "Background" };
  const answer = await request("DELETE", `${widgets}/a`, { bytes: Buffer.from(JSON.stringify(options)) });
  assert.equal(answer.kind === "object" && answer.status, 200);
});

test("names that another definition has are refused until they are free", async (t) => {
  const { send, define, until } = start(t);
  await define(widgetDefinition([{ schema: spec({}) }], { shortNames: ["wd"] }));
  const second = {
    ...widgetDefinition([{ schema: spec({}) }]),
    metadata: { name: "wadgets.ex.example" },
  } as unknown as { spec: { names: object } };
  second.spec.names = { plural: "wadgets", kind: "Wadget", shortNames: ["wd"] };
  await send("POST", definitions, { body: second });
  await until("wadgets.ex.example", (found) => hasCondition(found, "NamesAccepted", "False"));
  const refusedOne = (await send("GET", `${definitions}/wadgets.ex.example`)) as unknown as CustomResourceDefinition;
  assert.deepEqual(
    refusedOne.status?.conditions?.map(({ type, status, reason, message }) => [type, status, reason, message]),
    [
      ["NamesAccepted", "False", "ShortNamesConflict", '"wd" is already in use'],
      ["Established", "False", "NotAccepted", "not all names are accepted"],
    ],
  );
  await send("DELETE", `${definitions}/widgets.ex.example`);
  await until("wadgets.ex.example", (found) => hasCondition(found, "Established", "True"));
});

test("versions show the same object; each is written in the storage version", async (t) => {
  const { send, define } = start(t);
  const schema = spec({ size: { type: "integer" }, color: { type: "string", default: "red" } });
  await define(widgetDefinition([{ schema }, { name: "v2", schema: spec({ size: { type: "integer" } }) }]));
  await send("POST", widgets, { body: widget("a", { spec: { size: 1 } }), agent: "one" });
  const other = widgets.replace("v1", "v2");
  const shown = await send("GET", `${other}/a`);
  assert.deepEqual([shown.apiVersion, shown["spec"]], ["ex.example/v2", { size: 1 }]);
  const apply = { body: widget("a", { spec: { size: 2 } }, "v2"), type: "application/apply-patch+yaml" };
  const query = { fieldManager: "applier", force: "true" };
  const applied = await send("PATCH", `${other}/a`, { ...apply, query });
  assert.deepEqual(applied["spec"], { size: 2 });
  const managers = applied.metadata.managedFields?.map(({ manager, apiVersion }) => [manager, apiVersion]);
  assert.deepEqual(managers, [
    ["applier", "ex.example/v2"],
    ["one", "ex.example/v1"],
  ]);
  assert.equal((await send("GET", `${widgets}/a`)).apiVersion, "ex.example/v1");
});

test("defaults and pruning of today hold for objects of yesterday", async (t) => {
  const { send, define, until } = start(t);
  await define(widgetDefinition([{ schema: spec({ size: { type: "integer" }, old: { type: "string" } }) }]));
  await send("POST", widgets, { body: widget("a", { spec: { size: 1, old: "x" } }) });
  const schema = spec({ size: { type: "integer" }, color: { type: "string", default: "red" } });
  const patch = [{ op: "replace", path: "/spec/versions/0/schema", value: schema }];
  await send("PATCH", `${definitions}/widgets.ex.example`, { body: patch, type: "application/json-patch+json" });
  await until("widgets.ex.example", (found) => found?.metadata.generation === 2);
  assert.deepEqual((await send("GET", `${widgets}/a`))["spec"], { size: 1, color: "red" });
});

test("what was invalid before may stay so while nothing touches it", async (t) => {
  const { send, define, refused, until } = start(t);
  await define(widgetDefinition([{ schema: spec({ size: { type: "integer" }, color: { type: "string" } }) }]));
  await send("POST", widgets, { body: widget("a", { spec: { size: 5 } }) });
  const schema = spec({ size: { type: "integer", maximum: 3 }, color: { type: "string" } });
  const change = [{ op: "replace", path: "/spec/versions/0/schema", value: schema }];
  await send("PATCH", `${definitions}/widgets.ex.example`, { body: change, type: "application/json-patch+json" });
  await until("widgets.ex.example", (found) => found?.metadata.generation === 2);
  const type = "application/merge-patch+json";
  await send("PATCH", `${widgets}/a`, { body: { spec: { color: "red" } }, type });
  assert.equal(
    await refused("PATCH", `${widgets}/a`, { body: { spec: { size: 6 } }, type }),
    'Widget.ex.example "a" is invalid: spec.size: Invalid value: 6: spec.size in body should be less than or equal to 3',
  );
});

test("a definition's faults are told as upstream tells them", async (t) => {
  const { refused } = start(t);
  const causes = async (versions: readonly Partial<Version>[]): Promise<string> =>
    (await refused("POST", definitions, { body: widgetDefinition(versions) })).replace(/^.* is invalid: /, "");
  const none = await causes([]);
  assert.ok(none.endsWith("status.storedVersions: Invalid value: null: must have at least one stored version]"), none);
  const schema = { openAPIV3Schema: { type: "object" } };
  const twice = await causes([
    { schema, storage: true },
    { schema, storage: true },
  ]);
  assert.ok(twice.endsWith(`status.storedVersions: Invalid value: ["v1"]: must have the storage version v1]`), twice);
  // What no structural schema can be made of is not looked at as one.
  assert.equal(
    await causes([{ schema: { openAPIV3Schema: { type: "integer", additionalItems: {} } } as never }]),
    "spec.validation.openAPIV3Schema.additionalItems: Forbidden: additionalItems is not supported",
  );
});

test("rules in CEL: wrong ones are refused with the definition, right ones hold for objects", async (t) => {
  const { send, request, define, refused, until, warningsOf } = start(t);
  const ruled = (properties: object, ...rules: object[]) => {
    const ofSpec = { type: "object", properties, "x-kubernetes-validations": rules };
    return { openAPIV3Schema: { type: "object", properties: { spec: ofSpec } } } as never;
  };
  const properties = { size: { type: "integer" }, color: { type: "string", maxLength: 10 } };
  const definitionOf = (...rules: object[]) => widgetDefinition([{ schema: ruled(properties, ...rules) }]);
  assert.match(
    await refused("POST", definitions, { body: definitionOf({ rule: "self.size > 'a'" }) }),
    /x-kubernetes-validations\[0\]\.rule: Invalid value: .*found no matching overload for '_>_' applied to '\(int, string\)'/s,
  );
  await define(definitionOf({ rule: "self.size >= oldSelf.size", message: "may only grow" }));
  await send("POST", widgets, { body: widget("a", { spec: { size: 5, color: "red" } }) });
  const type = "application/merge-patch+json";
  assert.equal(
    await refused("PATCH", `${widgets}/a`, { body: { spec: { size: 4 } }, type }),
    'Widget.ex.example "a" is invalid: spec: Invalid value: may only grow',
  );
  // What a new rule minds of a value that stays as it is, is only said.
  const color = { ...properties.color, "x-kubernetes-validations": [{ rule: "self != 'red'" }] };
  const value = ruled({ ...properties, color });
  const change = [{ op: "replace", path: "/spec/versions/0/schema", value }];
  await send("PATCH", `${definitions}/widgets.ex.example`, { body: change, type: "application/json-patch+json" });
  await until("widgets.ex.example", (found) => found?.metadata.generation === 2);
  const answer = await request("PATCH", `${widgets}/a`, { body: { spec: { size: 6 } }, type });
  assert.deepEqual(answer.kind === "object" && answer.warnings, [
    `spec.color: Invalid value: "red": failed rule: self != 'red'`,
  ]);
  const refusal = await warningsOf(`${widgets}/a`, { spec: { size: "x" }, metadata: { annotations: { "a b": "" } } });
  assert.equal(refusal, null);
  // Neither are rules looked at where metadata lacks something.
  const nameless = await refused("POST", widgets, { body: { ...widget("", { spec: { size: 1, color: "red" } }) } });
  assert.match(nameless, /name or generateName is required, <nil>: .* some validation rules were not checked/);
  const spelled = await warningsOf(`${widgets}/a`, { metadata: { annotations: { "a b": "" } } });
  assert.equal(spelled, `299 - "spec.color: Invalid value: \\"red\\": failed rule: self != 'red'"`);
});

test("rules in CEL: what lies in an atomic map has an old value; with the wrong type nothing else is looked at", async (t) => {
  const { send, define, refused } = start(t);
  const size = { type: "integer", "x-kubernetes-validations": [{ rule: "self >= oldSelf" }] };
  const spec = { type: "object", "x-kubernetes-map-type": "atomic", properties: { size } };
  const schema = { type: "object", properties: { spec } };
  await define(widgetDefinition([{ schema: { openAPIV3Schema: schema } as never }]));
  await send("POST", widgets, { body: widget("a", { spec: { size: 2 } }) });
  const type = "application/merge-patch+json";
  assert.equal(
    await refused("PATCH", `${widgets}/a`, { body: { spec: { size: 1 } }, type }),
    'Widget.ex.example "a" is invalid: spec.size: Invalid value: 1: failed rule: self >= oldSelf',
  );
  assert.equal(
    await refused("POST", widgets, { body: { ...widget("", { spec: { size: "x" } }), kind: "Gadget" } }),
    'Widget.ex.example "" is invalid: kind: Invalid value: "Gadget": must be Widget',
  );
});

test("status, scale, generation and selectable fields", async (t) => {
  const { send, define, refused } = start(t);
  const version: Partial<Version> = {
    schema: {
      openAPIV3Schema: {
        type: "object",
        properties: {
          spec: { type: "object", properties: { replicas: { type: "integer" }, color: { type: "string" } } },
          status: { type: "object", properties: { replicas: { type: "integer" }, selector: { type: "string" } } },
        },
      } as never,
    },
    subresources: {
      status: {} as never,
      scale: {
        specReplicasPath: ".spec.replicas",
        statusReplicasPath: ".status.replicas",
        labelSelectorPath: ".status.selector",
      },
    },
    selectableFields: [{ jsonPath: ".spec.color" }],
  };
  await define(widgetDefinition([version]));
  const body = widget("a", { spec: { replicas: 1, color: "red" }, status: { replicas: 9 } });
  assert.equal((await send("POST", widgets, { body }))["status"], undefined);
  const type = "application/merge-patch+json";
  const status = await send("PATCH", `${widgets}/a/status`, {
    body: { status: { replicas: 1, selector: "a=b" } },
    type,
  });
  assert.equal(status.metadata.generation, 1);
  const scale = await send("PATCH", `${widgets}/a/scale`, { body: { spec: { replicas: 4 } }, type });
  assert.deepEqual([scale["spec"], scale["status"]], [{ replicas: 4 }, { replicas: 1, selector: "a=b" }]);
  assert.equal((await send("GET", `${widgets}/a`)).metadata.generation, 2);
  const found = await send("GET", widgets, { query: { fieldSelector: "spec.color=blue" } });
  assert.deepEqual(found["items"], []);
  assert.equal(
    await refused("GET", widgets, { query: { fieldSelector: "spec.size=1" } }),
    "field label not supported: spec.size",
  );
});

test("a deprecated version warns, and objects must be of the path's kind and version", async (t) => {
  const { request, define, refused } = start(t);
  await define(widgetDefinition([{ schema: spec({}) }, { name: "v1beta1", deprecated: true, schema: spec({}) }]));
  const old = widgets.replace("v1", "v1beta1");
  const answer = await request("GET", old);
  assert.deepEqual(answer.kind === "object" && answer.warnings, [
    "ex.example/v1beta1 Widget is deprecated; use ex.example/v1 Widget",
  ]);
  assert.equal(
    await refused("POST", widgets, { body: widget("a", {}, "v1beta1") }),
    "the API version in the data (ex.example/v1beta1) does not match the expected API version (ex.example/v1)",
  );
  assert.equal(
    await refused("POST", widgets, { body: { ...widget("a", {}), kind: "Gadget" } }),
    'Widget.ex.example "a" is invalid: kind: Invalid value: "Gadget": must be Widget',
  );
});

test("OpenAPI describes custom resources", async (t) => {
  const { request, define } = start(t);
  await define(widgetDefinition([{ schema: spec({ size: { type: "integer", description: "How large." } }) }]));
  const answer = await request("GET", "/openapi/v3/apis/ex.example/v1");
  assert.ok(answer.kind === "bytes");
  const document = JSON.parse(Buffer.from(answer.body as Uint8Array).toString()) as {
    paths: object;
    components: { schemas: Record<string, { properties: Record<string, { properties: object }> }> };
  };
  assert.ok("/apis/ex.example/v1/namespaces/{namespace}/widgets/{name}" in document.paths);
  assert.deepEqual(document.components.schemas["example.ex.v1.Widget"]?.properties["spec"]?.properties, {
    size: { description: "How large.", type: "integer" },
  });
});
