// What OpenTofu noted of the things it made: the part of its state (version 4) that matters here. Pure.

import { asArray, asObject, type JsonObject } from "./json.ts";

export interface TofuState {
  readonly resources: readonly StateResource[];
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** One thing that was made. */
export interface StateResource {
  /** `aws_instance.machine["demo-worker-1"]` */
  readonly address: string;
  readonly type: string;
  readonly name: string;
  /** The key, where there is one for each of several: a machine's name. */
  readonly key?: string;
  /** Made, but not to its end: it is to be made anew. */
  readonly tainted: boolean;
}

/** Reads the state's JSON; an empty text is the state of nothing. Throws for another version. */
export function parseState(text: string): TofuState {
  if (text.trim() === "") return { resources: [], outputs: {} };
  const state = asObject(JSON.parse(text));
  if (state["version"] !== 4)
    throw new Error(`Cannot read OpenTofu's state: its version is ${state["version"]}, not 4`);
  const outputs = Object.entries(asObject(state["outputs"])).map(([name, output]) => [name, asObject(output)["value"]]);
  return {
    resources: asArray(state["resources"])
      .map(asObject)
      .filter(({ mode }) => mode === "managed")
      .flatMap(parseResource),
    outputs: Object.fromEntries(outputs),
  };
}

function parseResource(resource: JsonObject): StateResource[] {
  const [type, name] = [String(resource["type"]), String(resource["name"])];
  const ahead = resource["module"] === undefined ? "" : `${resource["module"]}.`;
  return asArray(resource["instances"])
    .map(asObject)
    .map((instance) => {
      const key = instance["index_key"];
      const index = key === undefined ? "" : `[${JSON.stringify(key)}]`;
      return {
        address: `${ahead}${type}.${name}${index}`,
        type,
        name,
        ...(typeof key === "string" && { key }),
        tainted: instance["status"] === "tainted",
      };
    });
}
