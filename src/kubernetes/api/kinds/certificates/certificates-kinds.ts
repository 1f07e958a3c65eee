// Every kind of group certificates.k8s.io.

import type { KindDefinition } from "../kind-definition.ts";
import { certificateSigningRequest } from "./certificate-signing-request.ts";

export const certificatesKinds: readonly KindDefinition[] = [certificateSigningRequest];
