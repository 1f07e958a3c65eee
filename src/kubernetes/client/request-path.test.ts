import assert from "node:assert/strict";
import { test } from "node:test";
import { resources } from "#kubernetes/api";
import { collectionPath, objectPath, watchQuery } from "./request-path.ts";

test("objectPath: core and named groups, cluster-scoped and subresources", () => {
  assert.equal(objectPath(resources.pods, { namespace: "a", name: "b" }), "/api/v1/namespaces/a/pods/b");
  assert.equal(
    objectPath(resources.deployments, { namespace: "a", name: "b" }, "scale"),
    "/apis/apps/v1/namespaces/a/deployments/b/scale",
  );
  assert.equal(
    objectPath(resources.clusterRoles, { name: "system:node" }),
    "/apis/rbac.authorization.k8s.io/v1/clusterroles/system:node",
  );
});

test("objectPath: names cannot break out of their segment", () => {
  assert.equal(objectPath(resources.nodes, { name: "a/b?c" }), "/api/v1/nodes/a%2Fb%3Fc");
});

test("objectPath: a namespaced resource needs a namespace, and every object a name", () => {
  assert.throws(() => objectPath(resources.pods, { name: "b" }), /a namespace is needed/);
  assert.throws(() => objectPath(resources.nodes, { name: "" }), /the name is empty/);
});

test("collectionPath: without a namespace, all of them", () => {
  assert.equal(collectionPath(resources.pods, undefined), "/api/v1/pods");
  assert.equal(collectionPath(resources.nodes, "ignored"), "/api/v1/nodes");
});

test("watchQuery: bookmarks unless refused, and what streaming a list needs", () => {
  assert.equal(
    watchQuery({ resourceVersion: "7" }).toString(),
    "resourceVersion=7&watch=true&allowWatchBookmarks=true",
  );
  assert.equal(
    watchQuery({ sendInitialEvents: true, allowWatchBookmarks: false, fieldSelector: "spec.nodeName=n" }).toString(),
    "fieldSelector=spec.nodeName%3Dn&watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan",
  );
});
