// Warnings about ports of a pod's containers that get in each other's way.

import { child, item } from "../../../../field-error.ts";
import type { ContainerPort, PodSpec } from "../../../../generated/types.ts";
import { quote } from "../../../../go-format.ts";
import { visitContainers } from "../pod-check.ts";

interface PlacedPort {
  readonly port: ContainerPort;
  readonly path: string;
}

export function warnOfPorts(spec: PodSpec, path: string, warnings: string[]): void {
  const ports: PlacedPort[] = [];
  visitContainers(spec, path, (container, containerPath) => {
    for (const [index, port] of (container.ports ?? []).entries()) {
      ports.push({ port, path: item(child(containerPath, "ports"), index) });
    }
  });
  if (ports.length === 0) return;
  warnOfNumbers(ports, warnings);
  warnOfNames(ports, warnings);
}

function warnOfNumbers(ports: readonly PlacedPort[], warnings: string[]): void {
  const known = new Map<string, PlacedPort[]>();
  for (const placed of ports) {
    const { port, path } = placed;
    if (port.hostIP && !port.hostPort) warnings.push(`${path}: hostIP set without hostPort: ${formatPort(port)}`);
    const number = `${port.containerPort}/${port.protocol}`;
    const others = known.get(number) ?? [];
    for (const other of others) {
      const relation = relate(port, other.port);
      if (relation !== undefined) warnings.push(`${path}: ${relation} port definition with ${other.path}`);
    }
    known.set(number, [...others, placed]);
  }
}

/** What two ports of the same number and protocol do to each other. */
function relate(a: ContainerPort, b: ContainerPort): string | undefined {
  const [hostPort = 0, otherHostPort = 0] = [a.hostPort, b.hostPort];
  const [hostIP = "", otherHostIP = ""] = [a.hostIP, b.hostIP];
  if (hostIP === otherHostIP && hostPort === otherHostPort) return "duplicate";
  if (hostPort === 0 || otherHostPort === 0) return "overlapping";
  const oneIsAnyAddress = (hostIP === "") !== (otherHostIP === "");
  return hostPort === otherHostPort && oneIsAnyAddress ? "dangerously ambiguous" : undefined;
}

/** As Go prints the struct. */
function formatPort({ name = "", hostPort = 0, containerPort, protocol = "", hostIP = "" }: ContainerPort): string {
  return `{Name:${name} HostPort:${hostPort} ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`;
}

function warnOfNames(ports: readonly PlacedPort[], warnings: string[]): void {
  const known = new Map<string, string>();
  for (const { port, path } of ports) {
    if (!port.name) continue;
    const other = known.get(port.name);
    if (other === undefined) {
      known.set(port.name, path);
      continue;
    }
    const what = `duplicate port name ${quote(port.name)} with ${other}`;
    warnings.push(`${path}: ${what}, services and probes that select ports by name will use ${other}`);
  }
}
