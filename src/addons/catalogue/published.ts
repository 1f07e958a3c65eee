// Add-ons that are just what their upstreams publish.

import { type Addon, defineAddon } from "../addon.ts";
import { releasesOf } from "./releases.ts";

const plain = [
  { name: "gateway-api", description: "the kinds of the Gateway API (no gateway yet)", namespace: "default" },
  {
    name: "envoy-gateway",
    description: "gateways by Envoy, with the Gateway API's kinds",
    namespace: "envoy-gateway-system",
  },
  { name: "cert-manager", description: "certificates, issued and renewed", namespace: "cert-manager" },
  {
    name: "knative-serving",
    description: "services that scale to zero (upstream's Knative)",
    namespace: "knative-serving",
  },
  {
    name: "dashboard",
    description: "Kubernetes Dashboard, the last one without Helm",
    namespace: "kubernetes-dashboard",
  },
] as const;

export const publishedAddons: readonly Addon[] = plain.map(({ name, description, namespace }) =>
  defineAddon({ name, description, namespace, releases: releasesOf(name) }),
);
