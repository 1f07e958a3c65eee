// From a configuration to the provider that makes its machines.

import type { ClusterConfig } from "#config";
import { findCloud } from "./clouds.ts";
import { createLocalProvider } from "./local/provider.ts";
import { createNspawnProvider } from "./nspawn/provider.ts";
import type { Provider } from "./provider.ts";
import { createSshProvider } from "./ssh/provider.ts";
import { createTofuProvider } from "./tofu/provider.ts";

export function chooseProvider(config: ClusterConfig): Provider {
  const { provider } = config.infrastructure;
  if (provider === "nspawn") return createNspawnProvider();
  if (provider === "ssh") return createSshProvider();
  const cloud = findCloud(config);
  return cloud ? createTofuProvider(cloud) : createLocalProvider();
}
