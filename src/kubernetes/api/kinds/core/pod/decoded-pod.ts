// A Pod as decoding leaves it.

import type { Pod } from "../../../generated/types.ts";
import type { Decoded } from "../../define-kind.ts";

export type DecodedPod = Decoded<Pod, "spec" | "status">;
