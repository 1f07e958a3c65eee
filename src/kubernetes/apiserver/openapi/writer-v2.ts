// Writes the one document of OpenAPI v2. What a resource adds to it is written once and kept as long as the resource is served as it
// is; with many definitions the rest is put together in slices, so that the server goes on answering meanwhile.

import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import type { RemoteDocument, RemoteOpenApi } from "../aggregation/remote-openapi.ts";
import type { ResourceTable } from "../registry/resources/resource-table.ts";
import type { ServedResource } from "../registry/resources/served-resource.ts";
import { describeV2, frameV2, sharedParameters } from "./document-v2.ts";
import { encodeDefinition, encodeDocument, encodePath, encodeSharedParameter } from "./gnostic.ts";
import { type DestinationV2, mergeV2 } from "./merge-v2.ts";
import { collectTypes } from "./type-schemas.ts";

export type FormV2 = "json" | "protobuf";

export interface WrittenV2 {
  readonly body: Uint8Array;
  readonly hash: string;
}

/** What one resource adds, written. */
interface Fragment {
  readonly resource: ServedResource;
  readonly paths: Written;
  readonly definitions: Written;
  readonly types: readonly string[];
  readonly hash: Uint8Array;
}

/** Members of the document by name. */
type Written = ReadonlyMap<string, Uint8Array>;

type Write = (name: string, value: never) => Uint8Array;

const writers: Readonly<
  Record<FormV2, { readonly path: Write; readonly definition: Write; readonly parameter: Write }>
> = {
  json: { path: writeMember, definition: writeMember, parameter: writeMember },
  protobuf: { path: encodePath, definition: encodeDefinition, parameter: encodeSharedParameter },
};

/** Other requests are let in after this long. */
const sliceMs = 10;

export interface WriterV2Options {
  readonly resources: ResourceTable;
  readonly release: string;
  readonly remotes: RemoteOpenApi;
}

export class WriterV2 {
  readonly #resources: ResourceTable;
  readonly #release: string;
  readonly #remotes: RemoteOpenApi;
  readonly #fragments = {
    json: new WeakMap<ServedResource, Fragment>(),
    protobuf: new WeakMap<ServedResource, Fragment>(),
  };
  readonly #written = new Map<FormV2, { readonly generation: string; readonly document: Promise<WrittenV2> }>();

  readonly #types = new Map<FormV2, { readonly key: string; readonly written: Written }>();

  constructor({ resources, release, remotes }: WriterV2Options) {
    this.#resources = resources;
    this.#release = release;
    this.#remotes = remotes;
  }

  /** The document of what is served now; all who ask at once get the same. */
  write(form: FormV2): Promise<WrittenV2> {
    const generation = `${this.#resources.generation}/${this.#remotes.generation}`;
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
    const parts = {
      paths: new Map(fragments.flatMap((each) => [...each.paths])),
      definitions: new Map(
        [await this.#typesOf(fragments, form), ...fragments.map((each) => each.definitions)].flatMap((each) => [
          ...each,
        ]),
      ),
      parameters: writeAll(sharedParameters, parameter),
    };
    const frame = frameV2(this.#release);
    const hash = createHash("sha512").update(JSON.stringify([frame, form]));
    for (const fragment of fragments) hash.update(fragment.hash);
    const remotes = this.#remotes.documents();
    for (const { etag } of remotes) hash.update(etag);
    await setImmediate();
    if (remotes.length > 0) this.#addRemotes(remotes, parts, { fragments, form });
    const listed = {
      paths: [...parts.paths.values()],
      definitions: [...parts.definitions.values()],
      parameters: [...parts.parameters.values()],
    };
    const body = form === "json" ? joinJson(frame, listed) : encodeDocument(frame, listed);
    return { body, hash: hash.digest("hex").toUpperCase() };
  }

  /** One at a time: of a document that cannot be written nothing is taken. */
  #addRemotes(
    remotes: readonly RemoteDocument[],
    parts: Readonly<Record<"paths" | "definitions" | "parameters", Map<string, Uint8Array>>>,
    { fragments, form }: { readonly fragments: readonly Fragment[]; readonly form: FormV2 },
  ): void {
    const { path, definition, parameter } = writers[form];
    const definitions = new Map<string, object>();
    const parameters = new Map<string, object>(Object.entries(sharedParameters));
    const own = (name: string): object | undefined => {
      if (!parts.definitions.has(name)) return undefined;
      const custom = fragments.find((fragment) => fragment.definitions.has(name));
      return custom ? describeV2(custom.resource).definitions[name] : collectTypes([name], "v2")[name];
    };
    const destination: DestinationV2 = {
      hasPath: (name) => parts.paths.has(name),
      hasDefinition: (name) => parts.definitions.has(name),
      definition: (name) => definitions.get(name) ?? own(name),
      parameter: (name) => parameters.get(name),
    };
    for (const { source } of remotes) {
      try {
        const merged = mergeV2(destination, [source]);
        const written = [
          [parts.paths, writeAll(Object.fromEntries(merged.paths), path)],
          [parts.definitions, writeAll(Object.fromEntries(merged.definitions), definition)],
          [parts.parameters, writeAll(Object.fromEntries(merged.parameters), parameter)],
        ] as const;
        for (const [part, members] of written) for (const [name, bytes] of members) part.set(name, bytes);
        for (const [name, schema] of merged.definitions) definitions.set(name, schema);
        for (const [name, schema] of merged.parameters) parameters.set(name, schema);
      } catch {
        // It is no such document, whatever it says.
      }
    }
  }

  /** Definitions refer to few types of the table, and always to the same: they change nothing here. */
  async #typesOf(fragments: readonly Fragment[], form: FormV2): Promise<Written> {
    const names = [...new Set(fragments.flatMap((each) => each.types))].sort();
    const key = names.join();
    const kept = this.#types.get(form);
    if (kept?.key === key) return kept.written;
    const { definition } = writers[form];
    const types = Object.entries(collectTypes(names, "v2"));
    await setImmediate();
    const written = new Map(
      await inSlices(types, ([name, schema]) => [name, definition(name, schema as never)] as const),
    );
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
  for (const part of [...written.paths.values(), ...written.definitions.values()]) hash.update(part);
  return { resource, ...written, types, hash: hash.digest() };
}

function writeAll(members: Readonly<Record<string, unknown>>, write: Write): Map<string, Uint8Array> {
  return new Map(Object.entries(members).map(([name, value]) => [name, write(name, value as never)]));
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
