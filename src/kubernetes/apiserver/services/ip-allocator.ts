// Addresses for services: one IPAddress object for each that is taken, so that no two servers on the same data give one twice.

import {
  addressAt,
  type CIDR,
  containsIP,
  formatIP,
  type IPAddress,
  type KubeObject,
  parseIP,
  resources,
  type Service,
  sizeOfCIDR,
} from "#kubernetes/api";
import type { LiveObjects } from "../live-objects.ts";
import { fillSystemFields } from "../registry/object-meta.ts";

export interface IpAllocator {
  readonly range: CIDR;
  /** Takes any free address. Throws when none is left. */
  allocateNext(service: Service, dryRun: boolean): Promise<string>;
  /** Takes this very address. Throws when it is taken, or not to be had here. */
  allocate(service: Service, address: string, dryRun: boolean): Promise<void>;
  release(address: string): Promise<void>;
}

const label = "ipaddress.kubernetes.io/ip-family";
const managedBy = "ipaddress.kubernetes.io/managed-by";
/** After so many taken addresses in a row the rest is looked through from the start. */
const mostGuesses = 64;

export function createIpAllocator(range: CIDR, objects: LiveObjects, now: () => number): IpAllocator {
  const collection = objects.collection(resources.ipAddresses);
  const { first, count } = usable(range);

  const take = async (address: string, service: Service, dryRun: boolean): Promise<boolean> => {
    if (dryRun) return (await collection.get(address)) === undefined;
    const result = await collection.put(address, ipAddressObject(address, range.family, service, now()), 0);
    return result.written;
  };
  /** Upper addresses first: the lower ones are left to those who ask for one by number. */
  const guess = async (service: Service, dryRun: boolean): Promise<string | undefined> => {
    const lower = lowerBand(count);
    for (let tries = 0; tries < mostGuesses; tries++) {
      const offset = lower + randomBelow(count - lower);
      const address = formatIP(addressAt(range, first + offset)!);
      if (await take(address, service, dryRun)) return address;
    }
    return undefined;
  };
  const search = async (service: Service, dryRun: boolean): Promise<string> => {
    for (let offset = 0n; offset < count; offset++) {
      const address = formatIP(addressAt(range, first + offset)!);
      if (await take(address, service, dryRun)) return address;
    }
    throw new Error("range is full");
  };
  return {
    range,
    allocateNext: async (service, dryRun) => (await guess(service, dryRun)) ?? search(service, dryRun),
    async allocate(service, address, dryRun) {
      const parsed = parseIP(address);
      if (!parsed || !isUsable(range, parsed, first, count)) {
        throw new Error(
          `the provided IP (${address}) is not in the valid range. ${describeRange(range, first, count)}`,
        );
      }
      if (!(await take(formatIP(parsed), service, dryRun))) throw new Error("provided IP is already allocated");
    },
    async release(address) {
      const parsed = parseIP(address);
      const stored = parsed && (await collection.get(formatIP(parsed)));
      if (stored) await collection.delete(stored.key, stored.revision);
    },
  };
}

/** Without the first address of a range, and of IPv4 without the last. */
function usable(range: CIDR): { first: bigint; count: bigint } {
  const size = BigInt(sizeOfCIDR(range));
  return { first: 1n, count: size - (range.family === 4 ? 2n : 1n) };
}

function isUsable(range: CIDR, address: IPAddress, first: bigint, count: bigint): boolean {
  if (!containsIP(range, address)) return false;
  const offset = address.value - range.first;
  return offset >= first && offset < first + count;
}

function describeRange(range: CIDR, first: bigint, count: bigint): string {
  const from = formatIP(addressAt(range, first)!);
  const to = formatIP(addressAt(range, first + count - 1n)!);
  return `The range of valid IPs is ${from}-${to}`;
}

/** Upstream's rule: a sixteenth of the range, at least 16 and at most 256. */
function lowerBand(count: bigint): bigint {
  if (count <= 16n) return 0n;
  const sixteenth = count / 16n;
  return sixteenth < 16n ? 16n : sixteenth > 256n ? 256n : sixteenth;
}

function randomBelow(count: bigint): bigint {
  const most = count > 2n ** 40n ? 2 ** 40 : Number(count);
  return BigInt(Math.floor(Math.random() * most));
}

function ipAddressObject(address: string, family: 4 | 6, service: Service, now: number): KubeObject {
  const { name, namespace } = service.metadata;
  const object = {
    apiVersion: "networking.k8s.io/v1",
    kind: "IPAddress",
    metadata: {
      name: address,
      labels: { [label]: `IPv${family}`, [managedBy]: "ipallocator.k8s.io" },
    },
    spec: { parentRef: { resource: "services", namespace, name } },
  };
  fillSystemFields(object.metadata, now);
  return object;
}
