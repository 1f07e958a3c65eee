// Writes the one document of OpenAPI v2. What a resource adds to it is written once and kept as long as the resource is served as it
// is; with many definitions the rest is put together in slices, so that the server goes on answering meanwhile.

import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import type { ResourceTable } from "../registry/resources/resource-table.ts";
import type { ServedResource } from "../registry/resources/served-resource.ts";
import { describeV2, frameV2, sharedParameters } from "./document-v2.ts";
import { encodeDefinition, encodeDocument, encodePath, encodeSharedParameter } from "./gnostic.ts";
import { collectTypes } from "./type-schemas.ts";

export type FormV2 = "json" | "protobuf";

export interface WrittenV2 {
  readonly body: Uint8Array;
  readonly hash: string;
}

/** What one resource adds, written. */
interface Fragment {
  readonly paths: readonly Uint8Array[];
  readonly definitions: readonly Uint8Array[];
  readonly types: readonly string[];
  readonly hash: Uint8Array;
}

type Write = (name: string, value: never) => Uint8Array;

const writers: Readonly<
  Record<FormV2, { readonly path: Write; readonly definition: Write; readonly parameter: Write }>
> = {
  json: { path: writeMember, definition: writeMember, parameter: writeMember },
  protobuf: { path: encodePath, definition: encodeDefinition, parameter: encodeSharedParameter },
};

/** Other requests are let in after this long. */
const sliceMs = 10;

export class WriterV2 {
  readonly #resources: ResourceTable;
  readonly #release: string;
  readonly #fragments = {
    json: new WeakMap<ServedResource, Fragment>(),
    protobuf: new WeakMap<ServedResource, Fragment>(),
  };
  readonly #written = new Map<FormV2, { readonly generation: number; readonly document: Promise<WrittenV2> }>();

  readonly #types = new Map<FormV2, { readonly key: string; readonly written: readonly Uint8Array[] }>();

  constructor({ resources, release }: { readonly resources: ResourceTable; readonly release: string }) {
    this.#resources = resources;
    this.#release = release;
  }

  /** The document of what is served now; all who ask at once get the same. */
  write(form: FormV2): Promise<WrittenV2> {
    const { generation } = this.#resources;
    const kept = this.#written.get(form);
    if (kept?.generation === generation) return kept.document;
    const document = this.#write(form);
    this.#written.set(form, { generation, document });
    document.catch(() => this.#written.delete(form));
    return document;
  }

  async #write(form: FormV2): Promise<WrittenV2> {
    const resources = this.#resources
      .groups()
      .flatMap(({ versions }) => versions.flatMap((version) => version.resources));
    const fragments = await inSlices(resources, (resource) => this.#fragmentOf(resource, form));
    const { parameter } = writers[form];
    const types = await this.#typesOf(fragments, form);
    const parts = {
      paths: fragments.flatMap((each) => each.paths),
      definitions: [...types, ...fragments.flatMap((each) => each.definitions)],
      parameters: writeAll(sharedParameters, parameter),
    };
    const frame = frameV2(this.#release);
    const hash = createHash("sha512").update(JSON.stringify([frame, form]));
    for (const fragment of fragments) hash.update(fragment.hash);
    await setImmediate();
    const body = form === "json" ? joinJson(frame, parts) : encodeDocument(frame, parts);
    return { body, hash: hash.digest("hex").toUpperCase() };
  }

  /** Definitions refer to few types of the table, and always to the same: they change nothing here. */
  async #typesOf(fragments: readonly Fragment[], form: FormV2): Promise<readonly Uint8Array[]> {
    const names = [...new Set(fragments.flatMap((each) => each.types))].sort();
    const key = names.join();
    const kept = this.#types.get(form);
    if (kept?.key === key) return kept.written;
    const { definition } = writers[form];
    const types = Object.entries(collectTypes(names, "v2"));
    await setImmediate();
    const written = await inSlices(types, ([name, schema]) => definition(name, schema as never));
    this.#types.set(form, { key, written });
    return written;
  }

  #fragmentOf(resource: ServedResource, form: FormV2): Fragment {
    let fragment = this.#fragments[form].get(resource);
    if (!fragment) {
      fragment = writeFragment(resource, form);
      this.#fragments[form].set(resource, fragment);
    }
    return fragment;
  }
}

/** Does something with all items, and lets others have their turn again and again. */
async function inSlices<T, R>(items: readonly T[], act: (item: T) => R): Promise<R[]> {
  const done: R[] = [];
  let since = performance.now();
  for (const item of items) {
    done.push(act(item));
    if (performance.now() - since < sliceMs) continue;
    await setImmediate();
    since = performance.now();
  }
  return done;
}

function writeFragment(resource: ServedResource, form: FormV2): Fragment {
  const { paths, definitions, types } = describeV2(resource);
  const { path, definition } = writers[form];
  const written = { paths: writeAll(paths, path), definitions: writeAll(definitions, definition) };
  const hash = createHash("sha256");
  for (const part of [...written.paths, ...written.definitions]) hash.update(part);
  return { ...written, types, hash: hash.digest() };
}

function writeAll(members: Readonly<Record<string, unknown>>, write: Write): Uint8Array[] {
  return Object.entries(members).map(([name, value]) => write(name, value as never));
}

function writeMember(name: string, value: unknown): Uint8Array {
  return Buffer.from(`${JSON.stringify(name)}:${JSON.stringify(value)}`);
}

function joinJson(frame: object, parts: Readonly<Record<string, readonly Uint8Array[]>>): Uint8Array {
  const pieces: Uint8Array[] = [Buffer.from(JSON.stringify(frame).slice(0, -1))];
  for (const [name, members] of Object.entries(parts)) {
    pieces.push(Buffer.from(`,"${name}":{`));
    members.forEach((member, index) => {
      if (index > 0) pieces.push(comma);
      pieces.push(member);
    });
    pieces.push(brace);
  }
  pieces.push(brace);
  return Buffer.concat(pieces);
}

const comma = Buffer.from(",");
const brace = Buffer.from("}");
