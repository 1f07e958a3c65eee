// TokenRequest: an hour, where nothing is said of how long.

import type { TokenRequest } from "../../generated/types.ts";
import { defineKind } from "../define-kind.ts";

export const tokenRequest = defineKind<TokenRequest>({
  group: "authentication.k8s.io",
  version: "v1",
  kind: "TokenRequest",
  setDefaults({ spec }) {
    if (spec) spec.expirationSeconds ??= 3600;
  },
});
