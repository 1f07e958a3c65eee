// A named format (format.dns1123Label()) as a value.

import { objectType } from "../../values/type.ts";
import { type CelOpaque, type CelValue, NO_SUCH_OVERLOAD } from "../../values/value.ts";

export const formatType = objectType("kubernetes.NamedFormat");

export class FormatValue implements CelOpaque {
  readonly kind = "opaque";
  readonly type = formatType;
  readonly name: string;
  /** What is wrong with a text; nothing if it has the format. */
  readonly validate: (text: string) => readonly string[];
  /** How long the pattern is, or would be, that checks it: for costs. */
  readonly maxRegexSize: number;

  constructor(name: string, maxRegexSize: number, validate: (text: string) => readonly string[]) {
    this.name = name;
    this.maxRegexSize = maxRegexSize;
    this.validate = validate;
  }

  equal(other: CelValue): CelValue {
    return other instanceof FormatValue ? this.name === other.name : NO_SUCH_OVERLOAD;
  }
}
