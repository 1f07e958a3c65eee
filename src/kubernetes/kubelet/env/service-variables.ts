// The environment variables that tell a container of services: NAME_SERVICE_HOST, NAME_SERVICE_PORT and Docker's old links.

import type { Service } from "#kubernetes/api";

/**
 * Of the services of the pod's namespace (if it wants them) and of the "kubernetes" service; of the former only those with an
 * address of their own.
 */
export function serviceVariables(
  services: readonly Service[],
  namespace: string,
  enableServiceLinks: boolean,
): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const service of chooseServices(services, namespace, enableServiceLinks)) {
    Object.assign(variables, variablesOf(service));
  }
  return variables;
}

function chooseServices(services: readonly Service[], namespace: string, links: boolean): Iterable<Service> {
  const chosen = new Map<string, Service>();
  for (const service of services) {
    const { name = "", namespace: home = "" } = service.metadata;
    const { clusterIP } = service.spec ?? {};
    if (!clusterIP || clusterIP === "None") continue;
    if (home === namespace && links) chosen.set(name, service);
    else if (home === "default" && name === "kubernetes" && !chosen.has(name)) chosen.set(name, service);
  }
  return chosen.values();
}

function variablesOf(service: Service): Record<string, string> {
  const prefix = variableName(service.metadata.name ?? "");
  const host = service.spec?.clusterIP ?? "";
  const ports = service.spec?.ports ?? [];
  const address = host.includes(":") ? `[${host}]` : host;
  const variables: Record<string, string> = { [`${prefix}_SERVICE_HOST`]: host };
  const [first] = ports;
  if (first) variables[`${prefix}_SERVICE_PORT`] = String(first.port);
  for (const { name, port } of ports) {
    if (name) variables[`${prefix}_SERVICE_PORT_${variableName(name)}`] = String(port);
  }
  for (const [index, { port, protocol = "TCP" }] of ports.entries()) {
    const url = `${protocol.toLowerCase()}://${address}:${port}`;
    const link = `${prefix}_PORT_${port}_${protocol.toUpperCase()}`;
    if (index === 0) variables[`${prefix}_PORT`] = url;
    variables[link] = url;
    variables[`${link}_PROTO`] = protocol.toLowerCase();
    variables[`${link}_PORT`] = String(port);
    variables[`${link}_ADDR`] = host;
  }
  return variables;
}

function variableName(text: string): string {
  return text.replaceAll("-", "_").toUpperCase();
}
