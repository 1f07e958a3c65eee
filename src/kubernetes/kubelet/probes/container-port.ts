// A port as a probe or hook names it: a number, or one of the container's ports by name.

import type { Container } from "#kubernetes/api";

/** Throws in upstream's words for a name the container does not have, or a number that is no port. */
export function resolvePort(port: string | number, container: Pick<Container, "ports">): number {
  const named = container.ports?.find(({ name }) => name === port)?.containerPort;
  const number = named ?? Number(port);
  if (Number.isNaN(number)) throw new Error(`couldn't find port: ${JSON.stringify(port)} in pod`);
  if (number > 0 && number < 65_536) return number;
  throw new Error(`invalid port number: ${number}`);
}
