// url("…") and its parts.

import { ArrayList } from "../../values/list.ts";
import { MapBuilder } from "../../values/map.ts";
import { listType, mapType, objectType, types } from "../../values/type.ts";
import { CelError, type CelOpaque, type CelValue, NO_SUCH_OVERLOAD } from "../../values/value.ts";
import { declare, type FunctionDeclaration, globalOverload, memberOverload } from "../declare.ts";
import {
  escapedPathOf,
  type GoUrl,
  hostnameOf,
  parseRequestUrl,
  parseUrl,
  portOf,
  printUrl,
  queryOf,
  UrlError,
} from "./go-url.ts";

const { bool, string } = types;
const urlType = objectType("kubernetes.URL");

class UrlValue implements CelOpaque {
  readonly kind = "opaque";
  readonly type = urlType;
  readonly url: GoUrl;

  constructor(url: GoUrl) {
    this.url = url;
  }

  equal(other: CelValue): CelValue {
    return other instanceof UrlValue ? printUrl(this.url) === printUrl(other.url) : NO_SUCH_OVERLOAD;
  }
}

function toUrl(text: string): CelValue {
  try {
    parseRequestUrl(text);
    return new UrlValue(parseUrl(text));
  } catch (error) {
    if (!(error instanceof UrlError)) throw error;
    return new CelError(`URL parse error during conversion from string: ${error.message}`);
  }
}

function isUrl(text: string): boolean {
  try {
    parseRequestUrl(text);
    return true;
  } catch (error) {
    if (error instanceof UrlError) return false;
    throw error;
  }
}

function part(name: string, id: string, read: (url: GoUrl) => string): FunctionDeclaration {
  return declare(
    name,
    memberOverload(id, [urlType], string, (value: UrlValue) => read(value.url)),
  );
}

function readQuery({ url }: UrlValue): CelValue {
  const builder = new MapBuilder();
  for (const [key, values] of queryOf(url)) builder.set(key, new ArrayList(values));
  return builder.build();
}

export const urlFunctions: readonly FunctionDeclaration[] = [
  declare("url", globalOverload("string_to_url", [string], urlType, toUrl)),
  part("getScheme", "url_get_scheme", (url) => url.scheme),
  part("getHost", "url_get_host", (url) => url.host),
  part("getHostname", "url_get_hostname", hostnameOf),
  part("getPort", "url_get_port", portOf),
  part("getEscapedPath", "url_get_escaped_path", escapedPathOf),
  declare("getQuery", memberOverload("url_get_query", [urlType], mapType(string, listType(string)), readQuery)),
  declare("isURL", globalOverload("is_url_string", [string], bool, isUrl)),
];
