// An update or apply that has to create the object needs the permission to create it.

import { forbiddenError } from "../authorization/forbidden.ts";
import type { RegistryContext, ResourceCall } from "./context.ts";

/** Throws Forbidden. */
export async function authorizeCreate(
  { authorizer }: RegistryContext,
  { call, subresource }: ResourceCall,
): Promise<void> {
  const attributes = { ...call.info, user: call.user, verb: "create", subresource };
  const decision = await authorizer.authorize(attributes);
  if (!decision.allowed) throw forbiddenError(attributes, decision.reason);
}
