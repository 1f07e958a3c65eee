// DefaultBinder: tells the API server which node the pod goes to.

import { type Binding, resources, type Status } from "#kubernetes/api";
import type { Plugin, PluginHandle } from "../framework.ts";
import { success } from "../status.ts";

export function createDefaultBinder({ client }: Pick<PluginHandle, "client">): Plugin {
  return {
    name: "DefaultBinder",
    async bind({ namespace, name, uid }, nodeName, signal) {
      const binding: Binding = {
        apiVersion: "v1",
        kind: "Binding",
        metadata: { namespace, name, uid },
        target: { kind: "Node", name: nodeName },
      };
      const key = { namespace, name };
      await client.createSubresource<Binding, Status>(resources.pods, key, "binding", binding, { signal });
      return success;
    },
  };
}
