// Errors thrown by plug-ins, told with the plug-in's name, in upstream's words.

import { describeError } from "#shared";

export function pluginError(what: string, cause: unknown): Error {
  return new Error(`${what}: ${describeError(cause)}`, { cause });
}

/** Runs `call`; what it throws says what was being done. */
export function runPlugin<T>(what: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw pluginError(what, error);
  }
}

/** As runPlugin, for what takes time. */
export async function runPluginAsync<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw pluginError(what, error);
  }
}
