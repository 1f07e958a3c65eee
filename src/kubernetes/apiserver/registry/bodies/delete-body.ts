// The options of deletes: in the body where there is one, else in the query.

import {
  badRequest,
  type DeleteOptions,
  decodeObject,
  type ObjectSchema,
  StatusError,
  schemaOf,
  schemaOfKind,
} from "#kubernetes/api";
import type { ResourceCall } from "../context.ts";
import { checkDeleteOptions, readDeleteQuery } from "../options/write-options.ts";

/** A delete's options, checked. Throws BadRequest, Invalid, UnsupportedMediaType. */
export function readDeleteOptions(request: ResourceCall): DeleteOptions {
  const { body, query } = request.call.request;
  const isEmpty = !body || (body.kind === "bytes" && body.bytes.length === 0);
  const options = isEmpty ? readDeleteQuery(query) : readBody(request);
  checkDeleteOptions(options);
  return options;
}

function readBody({ call, resource }: ResourceCall): DeleteOptions {
  const { body, headers } = call.request;
  if (body!.kind === "object") return body!.object as DeleteOptions;
  const { group, version } = resource.info;
  try {
    const { object, kind } = decodeObject(body!.bytes, {
      contentType: headers["content-type"],
      // Every group version has DeleteOptions of its own, all alike, and takes those of the others.
      ...(!namesItsVersion(body!.bytes) && { expected: { group, version, kind: "DeleteOptions" } }),
      schemaOf: ({ kind: name, ...of }) =>
        name === "DeleteOptions" ? optionsSchema : schemaOfKind(of.group, of.version, name),
      fieldValidation: "Ignore",
    });
    if (kind.kind !== "DeleteOptions") throw badRequest("decoded object cannot be converted to DeleteOptions");
    return object as DeleteOptions;
  } catch (error) {
    // Upstream hands on whatever its decoder says, without a word of its own.
    if (error instanceof StatusError && error.code === 400) throw badRequest(bareWords(error.message));
    throw error;
  }
}

function bareWords(message: string): string {
  return message
    .replace(/^DeleteOptions in version "[^"]*" cannot be handled as a DeleteOptions: /, "")
    .replace(/^the object provided is unrecognized \(must be of type DeleteOptions\): (.*) \([^()]*\)$/s, "$1");
}

/** Groups that definitions have added have DeleteOptions, too. */
const optionsSchema = schemaOf("io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions") as ObjectSchema;

function namesItsVersion(bytes: Uint8Array): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return buffer.includes("apiVersion") || buffer.subarray(0, 4).equals(protobufMagic);
}

const protobufMagic = Buffer.from("k8s\0");
