// Where a resource's objects lie in the store: upstream's etcd layout, so that either server can take the other's data over.

/** Resources whose prefix is not "/registry/<resource>/", as upstream has them for history's sake. */
const special: Readonly<Record<string, string>> = {
  "/nodes": "minions",
  "/endpoints": "services/endpoints",
  "/services": "services/specs",
  "/replicationcontrollers": "controllers",
  "events.k8s.io/events": "events",
  "networking.k8s.io/ingresses": "ingress",
};

/** Groups whose resources lie under the group's name. */
const groupsByName = new Set(["apiextensions.k8s.io", "apiregistration.k8s.io"]);

/** The prefix of a built-in resource's collection. */
export function storagePrefix(group: string, resource: string): string {
  const path = special[`${group}/${resource}`] ?? (groupsByName.has(group) ? `${group}/${resource}` : resource);
  return `/registry/${path}/`;
}

/** The prefix of a custom resource's collection. */
export function customStoragePrefix(group: string, resource: string): string {
  return `/registry/${group}/${resource}/`;
}
