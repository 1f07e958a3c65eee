import assert from "node:assert/strict";
import { test } from "node:test";
import { createService, createTestView, testView, zone } from "../testing.ts";
import { labelsOf } from "../wire/names.ts";
import { recordTypes } from "../wire/numbers.ts";
import { type Answer, answerQuestion } from "./answer-question.ts";
import type { DnsRecord } from "./record.ts";

const types: Record<string, number> = { ...recordTypes, MX: 15, ANY: 255 };

function ask(name: string, type: string, view = testView): Answer {
  return answerQuestion({ labels: labelsOf(name), type: types[type]! }, zone, view);
}

/** Records as zone files have them, in short: "A 10.0.0.1". */
function show(record: DnsRecord): string {
  switch (record.type) {
    case "A":
    case "AAAA":
      return `${record.type} ${record.address}`;
    case "SRV":
      return `SRV ${record.priority} ${record.weight} ${record.port} ${record.target}`;
    case "TXT":
      return `TXT ${record.text}`;
    case "SOA":
      return `SOA ${record.nameServer} ${record.mailbox} ${record.minimum}`;
    default:
      return `${record.type} ${record.target}`;
  }
}

function showAnswer(answer: Answer): string[] {
  switch (answer.kind) {
    case "outside":
      return ["outside"];
    case "alias":
      return [...answer.answers.map(show), `ask ${answer.target}`];
    case "answer": {
      const code = { 0: "NODATA", 2: "SERVFAIL", 3: "NXDOMAIN" }[answer.rcode as 0 | 2 | 3];
      const answers = answer.answers.map(show);
      return answer.rcode === 0 && answers.length > 0 ? answers : [...answers, code];
    }
  }
}

const svc = "svc.cluster.local";

const cases: readonly [question: string, ...answer: string[]][] = [
  // Services with an address
  [`web.test.${svc} A`, "A 10.96.0.1"],
  [`WEB.Test.SVC.cluster.LOCAL A`, "A 10.96.0.1"],
  [`web.test.${svc} AAAA`, "NODATA"],
  [`web.test.${svc} MX`, "NODATA"],
  [`web.test.${svc} TXT`, "NODATA"],
  [`web.test.${svc} ANY`, "NODATA"],
  [`web.test.${svc} SOA`, "NODATA"],
  [`web.test.${svc} NS`, "NODATA"],
  [`web.test.${svc} CNAME`, "NODATA"],
  [`web.test.${svc} PTR`, "NODATA"],
  [`six.test.${svc} A`, "NODATA"],
  [`six.test.${svc} AAAA`, "AAAA fd00::1"],
  [`dual.test.${svc} A`, "A 10.96.0.3"],
  [`dual.test.${svc} AAAA`, "AAAA fd00::3"],
  [`none.test.${svc} A`, "NXDOMAIN"],
  [`none.test.${svc} TXT`, "NXDOMAIN"],
  [`web.other.${svc} A`, "NXDOMAIN"],
  // Their ports
  [`web.test.${svc} SRV`, `SRV 0 100 80 web.test.${svc}`],
  [`_http._tcp.web.test.${svc} SRV`, `SRV 0 100 80 web.test.${svc}`],
  [`_HTTP._TCP.web.test.${svc} SRV`, `SRV 0 100 80 web.test.${svc}`],
  [`_http._tcp.web.test.${svc} A`, "A 10.96.0.1"],
  [`_http._udp.web.test.${svc} SRV`, "NXDOMAIN"],
  [`_https._tcp.web.test.${svc} SRV`, "NXDOMAIN"],
  [`_tcp.web.test.${svc} SRV`, "NODATA"],
  [`_udp.web.test.${svc} SRV`, "NXDOMAIN"],
  [`two-ports.test.${svc} SRV`, `SRV 0 50 80 two-ports.test.${svc}`, `SRV 0 50 53 two-ports.test.${svc}`],
  [`_dns._udp.two-ports.test.${svc} SRV`, `SRV 0 100 53 two-ports.test.${svc}`],
  [`dual.test.${svc} SRV`, `SRV 0 50 80 dual.test.${svc}`],
  [`unnamed.test.${svc} SRV`, `SRV 0 100 81 unnamed.test.${svc}`],
  // Headless services
  [`headless.test.${svc} A`, "A 172.16.0.2", "A 172.16.0.3", "A 172.16.0.4", "A 172.16.0.5"],
  [`headless.test.${svc} AAAA`, "AAAA fd00:5678::1", "AAAA fd00::"],
  [
    `_http._tcp.headless.test.${svc} SRV`,
    `SRV 0 16 80 172-16-0-2.headless.test.${svc}`,
    `SRV 0 16 80 172-16-0-3.headless.test.${svc}`,
    `SRV 0 16 80 Twin.headless.test.${svc}`,
    `SRV 0 16 80 fd00-5678--1.headless.test.${svc}`,
    `SRV 0 16 80 fd00--0.headless.test.${svc}`,
  ],
  [`172-16-0-2.headless.test.${svc} A`, "A 172.16.0.2"],
  [`172-16-0-6.headless.test.${svc} A`, "NXDOMAIN"],
  [`twin.headless.test.${svc} A`, "A 172.16.0.4", "A 172.16.0.5"],
  [`twin.headless.test.${svc} AAAA`, "NODATA"],
  [`fd00-5678--1.headless.test.${svc} AAAA`, "AAAA fd00:5678::1"],
  [`fd00--0.headless.test.${svc} AAAA`, "AAAA fd00::"],
  [`bogus.headless.test.${svc} A`, "NXDOMAIN"],
  [`portless.test.${svc} A`, "A 172.16.0.20"],
  [`solo.portless.test.${svc} A`, "A 172.16.0.20"],
  [`portless.test.${svc} SRV`, "NODATA"],
  [`nobody.test.${svc} A`, "NXDOMAIN"],
  // An endpoint has a name below a service with an address too
  [`web-0.web.test.${svc} A`, "A 172.16.0.30"],
  [`bogus.web.test.${svc} A`, "NXDOMAIN"],
  // Names elsewhere
  [`external.test.${svc} CNAME`, "CNAME ext.example.test"],
  [`external.test.${svc} A`, "CNAME ext.example.test", "ask ext.example.test"],
  [`external.test.${svc} AAAA`, "CNAME ext.example.test", "ask ext.example.test"],
  [`external.test.${svc} MX`, "CNAME ext.example.test"],
  [`external.test.${svc} SRV`, "NODATA"],
  [`_http._tcp.external.test.${svc} SRV`, "NXDOMAIN"],
  [`endpoint.external.test.${svc} CNAME`, "NXDOMAIN"],
  [`a.b.external.test.${svc} CNAME`, "NXDOMAIN"],
  [`internal.test.${svc} A`, `CNAME web.test.${svc}`, "A 10.96.0.1"],
  [`internal.test.${svc} AAAA`, `CNAME web.test.${svc}`],
  [`dangling.test.${svc} A`, `CNAME gone.test.${svc}`, "NXDOMAIN"],
  [`chain.test.${svc} A`, `CNAME external.test.${svc}`, "CNAME ext.example.test", "ask ext.example.test"],
  [`loop.test.${svc} A`, "SERVFAIL"],
  [`address.test.${svc} A`, "NXDOMAIN"],
  // Pods
  ["172-16-0-2.test.pod.cluster.local A", "A 172.16.0.2"],
  ["172-16-0-2.test.pod.cluster.local AAAA", "NODATA"],
  ["fd00--1.test.pod.cluster.local AAAA", "AAAA fd00::1"],
  ["172-16-0-2.other.pod.cluster.local A", "NXDOMAIN"],
  ["172-16-0-256.test.pod.cluster.local A", "NXDOMAIN"],
  ["web.test.pod.cluster.local A", "NXDOMAIN"],
  ["x.172-16-0-2.test.pod.cluster.local A", "NXDOMAIN"],
  // Branches
  ["cluster.local A", "NODATA"],
  ["cluster.local SOA", "SOA ns.dns.cluster.local hostmaster.cluster.local 5"],
  ["cluster.local NS", `NS kube-dns.kube-system.${svc}`],
  ["ns.dns.cluster.local A", "A 10.96.0.10"],
  ["dns.cluster.local A", "NODATA"],
  ["svc.cluster.local A", "NODATA"],
  ["svc.cluster.local NS", "NODATA"],
  ["pod.cluster.local A", "NODATA"],
  [`test.${svc} A`, "NODATA"],
  [`test.${svc} NS`, "NODATA"],
  ["test.pod.cluster.local A", "NODATA"],
  [`other.${svc} A`, "NXDOMAIN"],
  ["other.pod.cluster.local A", "NXDOMAIN"],
  ["foo.cluster.local A", "NXDOMAIN"],
  [`much.too.long.web.test.${svc} A`, "NXDOMAIN"],
  [`example.com.test.${svc} A`, "NXDOMAIN"],
  // The version of this schema
  ["dns-version.cluster.local TXT", "TXT 1.1.0"],
  ["dns-version.cluster.local A", "NODATA"],
  ["x.dns-version.cluster.local TXT", "NXDOMAIN"],
  // Addresses
  ["1.0.96.10.in-addr.arpa PTR", `PTR web.test.${svc}`],
  ["1.0.96.10.in-addr.arpa A", "NODATA"],
  ["3.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa PTR", `PTR dual.test.${svc}`],
  ["2.0.16.172.in-addr.arpa PTR", `PTR 172-16-0-2.headless.test.${svc}`],
  ["4.0.16.172.in-addr.arpa PTR", `PTR Twin.headless.test.${svc}`],
  ["30.0.16.172.in-addr.arpa PTR", `PTR web-0.web.test.${svc}`],
  ["6.0.16.172.in-addr.arpa PTR", "outside"],
  ["9.9.9.9.in-addr.arpa PTR", "outside"],
  ["96.10.in-addr.arpa PTR", "outside"],
  ["1.0.96.010.in-addr.arpa PTR", "outside"],
  // Elsewhere
  ["example.com A", "outside"],
  ["local A", "outside"],
  ["notcluster.local A", "outside"],
  [". NS", "outside"],
];

for (const [question, ...expected] of cases) {
  test(`answerQuestion: ${question}`, () => {
    const [name, type] = question.split(" ") as [string, string];
    assert.deepEqual(showAnswer(ask(name === "." ? "" : name, type)), expected);
  });
}

test("answerQuestion: addresses of servers come along", () => {
  const answer = ask(`_http._tcp.headless.test.${svc}`, "SRV");
  assert.ok(answer.kind === "answer");
  assert.deepEqual(
    answer.additionals?.map((record) => `${record.name} ${show(record)}`),
    [
      `172-16-0-2.headless.test.${svc} A 172.16.0.2`,
      `172-16-0-3.headless.test.${svc} A 172.16.0.3`,
      `Twin.headless.test.${svc} A 172.16.0.4`,
      `Twin.headless.test.${svc} A 172.16.0.5`,
      `fd00-5678--1.headless.test.${svc} AAAA fd00:5678::1`,
      `fd00--0.headless.test.${svc} AAAA fd00::`,
    ],
  );
});

test("answerQuestion: how long answers may be kept", () => {
  const ttlOf = (answer: Answer) =>
    answer.kind === "answer" && [...answer.answers, ...(answer.authorities ?? [])][0]?.ttl;
  assert.equal(ttlOf(ask(`web.test.${svc}`, "A")), 30);
  assert.equal(ttlOf(ask(`none.test.${svc}`, "A")), 5);
  assert.equal(ttlOf(ask("dns-version.cluster.local", "TXT")), 28_800);
});

test("answerQuestion: denials carry the zone's SOA record", () => {
  const answer = ask(`none.test.${svc}`, "A");
  assert.ok(answer.kind === "answer");
  assert.deepEqual(answer.authorities?.map(show), ["SOA ns.dns.cluster.local hostmaster.cluster.local 5"]);
  assert.deepEqual(
    answer.authorities?.map(({ name }) => name),
    ["cluster.local"],
  );
});

test("answerQuestion: before everything is known nothing is denied", () => {
  const services = [createService("web", { clusterIP: "10.96.0.1", ports: [{ port: 80, protocol: "TCP" }] })];
  const view = createTestView({ services, isComplete: false });
  assert.deepEqual(showAnswer(ask(`web.test.${svc}`, "A", view)), ["A 10.96.0.1"]);
  assert.deepEqual(showAnswer(ask(`none.test.${svc}`, "A", view)), ["SERVFAIL"]);
  assert.deepEqual(showAnswer(ask(`test.${svc}`, "A", view)), ["SERVFAIL"]);
});
