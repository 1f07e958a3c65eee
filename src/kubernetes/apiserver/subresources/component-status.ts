// componentstatuses, which upstream still answers: of what this server can know, its store.

import { type ComponentStatus, notFound } from "#kubernetes/api";
import type { VerbTable } from "../registry/registry.ts";

function storeStatus(): ComponentStatus {
  const condition = { type: "Healthy", status: "True", message: "ok" };
  return { apiVersion: "v1", kind: "ComponentStatus", metadata: { name: "etcd-0" }, conditions: [condition] };
}

export const componentStatusVerbs: VerbTable = {
  async get(_context, { call, resource }) {
    const object = storeStatus();
    if (call.info.name !== object.metadata.name)
      throw notFound({ group: "", resource: "componentstatus" }, call.info.name);
    return { kind: "object", status: 200, document: { object }, resource };
  },
  async list(_context, { resource }) {
    return { kind: "list", status: 200, resource, items: [{ object: storeStatus() }], metadata: {} };
  },
};
