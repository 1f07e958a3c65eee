// What the verbs of the registry need besides the request: the store and everything else of the server they meet.

import type { Store } from "#kubernetes/store";
import type { Clock, Logger } from "#shared";
import type { Admission } from "../admission/admission.ts";
import type { Authorizer } from "../authorization/authorizer.ts";
import type { Call } from "../call.ts";
import type { LiveObjects } from "../live-objects.ts";
import type { ListMetrics } from "../metrics/list-metrics.ts";
import type { PageAges } from "./options/page-ages.ts";
import type { ServedResource } from "./resources/served-resource.ts";
import type { BookmarkTicker } from "./watch/bookmark-ticker.ts";

export interface RegistryContext {
  readonly store: Store;
  readonly objects: LiveObjects;
  readonly admission: Admission;
  readonly authorizer: Authorizer;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly bookmarks: BookmarkTicker;
  readonly pages: PageAges;
  readonly lists: ListMetrics;
  /** A built-in resource, in its preferred version. Throws for one there is not. */
  resource(group: string, resource: string): ServedResource;
}

/** A request for a resource that is served: what every verb is called with. */
export interface ResourceCall {
  readonly call: Call;
  readonly resource: ServedResource;
  /** "" for the resource itself. */
  readonly subresource: string;
}

/** Answers one verb. */
export type Verb<A> = (context: RegistryContext, request: ResourceCall) => Promise<A>;
