// What a configuration names and the schema cannot know: controllers, add-ons, files that the API server reads.

import { readFileSync } from "node:fs";
import { checkAddons } from "#addons";
import { type ClusterConfig, type ConfigProblem, didYouMean } from "#config";
import { describeError } from "#shared";

/** Every name and file in it that is not what it should be. */
export async function checkValues(config: ClusterConfig): Promise<ConfigProblem[]> {
  return [...checkAddons(config), ...(await checkControllers(config)), ...(await checkApiServerFiles(config))];
}

/** Loaded only where names are given: the list comes with all the controllers. */
async function checkControllers({ controlPlane }: ClusterConfig): Promise<ConfigProblem[]> {
  const words = controlPlane.controllers.filter((word) => word !== "*");
  if (words.length === 0) return [];
  const { controllers } = await import("#kubernetes/controllers");
  const known = controllers.flatMap(({ name, aliases }) => [name, ...aliases]);
  return words.flatMap((word): ConfigProblem[] => {
    const name = word.replace(/^-/, "");
    if (known.includes(name)) return [];
    const guess = didYouMean(name, known);
    const hint = guess ? `, did you mean "${guess}"?` : `; there are: ${controllers.map((one) => one.name).join(", ")}`;
    return [{ path: ["controlPlane", "controllers"], message: `"${name}" is no controller${hint}` }];
  });
}

/** Files that the API server could not start with are refused before anything is made. */
async function checkApiServerFiles({ controlPlane: { apiServer } }: ClusterConfig): Promise<ConfigProblem[]> {
  if (Object.keys(apiServer).length === 0) return [];
  const api = await import("#kubernetes/apiserver");
  const readers = {
    auditPolicy: api.readAuditPolicy,
    authenticationConfig: api.readAuthenticationConfiguration,
    authenticationTokenWebhookConfig: (text: string) => api.readWebhookKubeconfig(text, "token-webhook"),
    authorizationConfig: api.readAuthorizationConfiguration,
    encryptionProviderConfig: api.readEncryptionConfiguration,
  };
  return Object.entries(readers).flatMap(([field, read]): ConfigProblem[] => {
    const path = apiServer[field as keyof typeof readers];
    if (path === undefined) return [];
    try {
      read(readFileSync(path, "utf8"));
      return [];
    } catch (error) {
      return [{ path: ["controlPlane", "apiServer", field], message: `${path}: ${describeError(error)}` }];
    }
  });
}
