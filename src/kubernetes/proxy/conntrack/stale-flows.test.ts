import assert from "node:assert/strict";
import { test } from "node:test";
import { udpServices } from "../services/summaries.ts";
import { endpointOf, serviceOf, sliceOf } from "../services/testing.ts";
import { deletionOf, findStaleFlows, readFlows } from "./stale-flows.ts";

const line = (to: string, by: string) => {
  const [address, port] = to.split(":");
  const [answerer, answerPort] = by.split(":");
  return `udp      17 29 src=10.244.1.9 dst=${address} sport=40000 dport=${port} [UNREPLIED] src=${answerer} dst=10.244.1.9 sport=${answerPort} dport=40000 mark=0 use=1\n`;
};

const ports = [{ name: "dns", port: 53, protocol: "UDP", nodePort: 30053 }];
const service = serviceOf("dns", "10.96.0.10", { type: "NodePort", externalIPs: ["192.0.2.7"], ports });

function staleOf(listing: string, ...endpoints: ReturnType<typeof endpointOf>[]): string[] {
  const slice = sliceOf(endpoints, { ports: [{ name: "dns", port: 5353, protocol: "UDP" }] });
  const services = udpServices(service, [slice], { family: "IPv4", nodeName: "n1" });
  return findStaleFlows(readFlows(listing), services).map(
    ({ destination, port, answeredBy }) => `${destination}:${port} ${answeredBy}`,
  );
}

test("findStaleFlows: flows of the service's addresses and node port that no serving endpoint answers", () => {
  const listing = [
    line("10.96.0.10:53", "10.244.1.5:5353"),
    line("10.96.0.10:53", "10.244.1.6:5353"),
    line("10.96.0.10:53", "10.244.1.6:5353"),
    line("10.96.0.10:53", "10.96.0.10:53"),
    line("192.0.2.7:53", "10.244.1.6:5353"),
    line("10.90.0.2:30053", "10.244.1.6:5353"),
    line("10.96.0.11:53", "10.244.1.6:5353"),
    line("8.8.8.8:53", "8.8.8.8:53"),
  ].join("");
  assert.deepEqual(staleOf(listing, endpointOf("10.244.1.5")), [
    "10.96.0.10:53 10.244.1.6",
    "10.96.0.10:53 10.96.0.10",
    "192.0.2.7:53 10.244.1.6",
    "10.90.0.2:30053 10.244.1.6",
  ]);
});

test("findStaleFlows: an endpoint that terminates but serves keeps its flows; a service without endpoints is left alone", () => {
  const listing = line("10.96.0.10:53", "10.244.1.5:5353");
  const lingering = { conditions: { ready: false, serving: true, terminating: true } };
  assert.deepEqual(staleOf(listing, endpointOf("10.244.1.5", lingering), endpointOf("10.244.1.6")), []);
  assert.deepEqual(staleOf(listing), []);
});

test("deletionOf: names both directions", () => {
  const [flow] = readFlows(line("10.96.0.10:53", "10.244.1.6:5353"));
  assert.equal(
    deletionOf(flow!, "ipv4").join(" "),
    "-D -f ipv4 -p udp --orig-dst 10.96.0.10 --orig-port-dst 53 --reply-src 10.244.1.6 --reply-port-src 5353",
  );
});
