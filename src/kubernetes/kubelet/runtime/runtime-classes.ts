// Which of the runtime's handlers a pod's runtime class names.

import { isNotFound, type RuntimeClass, resources } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";

export interface RuntimeClasses {
  /** "" for a pod without a class. Throws in upstream's words where there is no such class. */
  handlerOf(className: string | undefined): Promise<string>;
}

/** Classes can't be changed once made, so each is asked for once. */
export function createRuntimeClasses(client: Client): RuntimeClasses {
  const known = new Map<string, string>();
  return {
    async handlerOf(className) {
      if (!className) return "";
      const handler = known.get(className);
      if (handler !== undefined) return handler;
      try {
        const found: RuntimeClass = await client.get(resources.runtimeClasses, { name: className });
        known.set(className, found.handler);
        return found.handler;
      } catch (error) {
        if (!isNotFound(error)) throw error;
        throw new Error(`RuntimeClass ${JSON.stringify(className)} not found`, { cause: error });
      }
    },
  };
}
