// What the DNS server reports, under CoreDNS's names, so that its dashboards show ours. Without a registry nothing is kept.

import type { Registry } from "prom-client";
import type { MetricClasses } from "#kubernetes/runtime";
import { nameOfRcode, nameOfType } from "./wire/numbers.ts";

export interface AnsweredQuery {
  /** The cluster's domain, or "." for all other names. */
  readonly zone: string;
  readonly protocol: "udp" | "tcp";
  /** 1: IPv4, 2: IPv6. */
  readonly family: 1 | 2;
  readonly type: number;
  readonly rcode: number;
  readonly tookMs: number;
  readonly responseBytes: number;
}

export interface DnsMetrics {
  answered(query: AnsweredQuery): void;
  cacheAsked(isHit: boolean): void;
  forwarded(exchange: { readonly server: string; readonly rcode: number; readonly tookMs: number }): void;
}

const nothing = () => {};
export const noDnsMetrics: DnsMetrics = { answered: nothing, cacheAsked: nothing, forwarded: nothing };

/** Doubling from a quarter of a millisecond. */
const timeBuckets = Array.from({ length: 16 }, (_, n) => 0.00025 * 2 ** n);
const sizeBuckets = [0, 100, 200, 300, 400, 511, 1023, 2047, 4095, 8291, 16e3, 32e3, 48e3, 64e3];
const server = "dns://:53";
const view = "";

export function createDnsMetrics({ Counter, Histogram }: MetricClasses, registry: Registry): DnsMetrics {
  const registers = [registry];
  const requests = new Counter({
    name: "coredns_dns_requests_total",
    help: "Counter of DNS requests made per zone, protocol and family.",
    labelNames: ["server", "zone", "view", "proto", "family", "type"] as const,
    registers,
  });
  const responses = new Counter({
    name: "coredns_dns_responses_total",
    help: "Counter of response status codes.",
    labelNames: ["server", "zone", "view", "rcode", "plugin"] as const,
    registers,
  });
  const duration = new Histogram({
    name: "coredns_dns_request_duration_seconds",
    help: "Histogram of the time (in seconds) each request took per zone.",
    labelNames: ["server", "zone", "view"] as const,
    buckets: timeBuckets,
    registers,
  });
  const size = new Histogram({
    name: "coredns_dns_response_size_bytes",
    help: "Size of the returned response in bytes.",
    labelNames: ["server", "zone", "view", "proto"] as const,
    buckets: sizeBuckets,
    registers,
  });
  const cache = {
    hits: new Counter({ name: "coredns_cache_hits_total", help: "The count of cache hits.", registers }),
    requests: new Counter({ name: "coredns_cache_requests_total", help: "The count of cache requests.", registers }),
  };
  const upstream = new Histogram({
    name: "coredns_proxy_request_duration_seconds",
    help: "Histogram of the time each request took.",
    labelNames: ["proxy_name", "to", "rcode"] as const,
    buckets: timeBuckets,
    registers,
  });
  return {
    answered({ zone, protocol: proto, family, type, rcode, tookMs, responseBytes }) {
      const plugin = zone === "." ? "forward" : "kubernetes";
      requests.inc({ server, zone, view, proto, family: String(family), type: nameOfType(type) });
      responses.inc({ server, zone, view, rcode: nameOfRcode(rcode), plugin });
      duration.observe({ server, zone, view }, tookMs / 1000);
      size.observe({ server, zone, view, proto }, responseBytes);
    },
    cacheAsked(isHit) {
      cache.requests.inc();
      if (isHit) cache.hits.inc();
    },
    forwarded: ({ server: to, rcode, tookMs }) =>
      upstream.observe({ proxy_name: "forward", to, rcode: nameOfRcode(rcode) }, tookMs / 1000),
  };
}
