import assert from "node:assert/strict";
import { test } from "node:test";
import dnsPacket, { type Packet, type RecordType } from "dns-packet";
import { noDnsMetrics } from "../metrics.ts";
import { createService, createSlice, createTestView, testView, zone } from "../testing.ts";
import type { CachedMessage } from "../upstream/answer-cache.ts";
import type { UpstreamQuestion } from "../upstream/write-question.ts";
import { readLayout } from "../wire/message-layout.ts";
import { type Channel, createQueryHandler } from "./query-handler.ts";

const udp: Channel = { protocol: "udp", family: 1 };
const tcp: Channel = { protocol: "tcp", family: 1 };
const svc = "svc.cluster.local";

interface AskOptions {
  readonly type?: RecordType;
  readonly channel?: Channel;
  readonly packet?: Partial<Packet>;
  readonly view?: typeof testView;
  /** What the servers outside answer. */
  readonly outside?: Packet;
  readonly ageSeconds?: number;
  readonly asked?: UpstreamQuestion[];
}

const edns = (udpPayloadSize: number, more: object = {}) => ({
  type: "OPT" as const,
  name: "." as const,
  udpPayloadSize,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
  ...more,
});

function encodeQuestion(name: string, { type = "A", packet = {} }: AskOptions): Buffer {
  return dnsPacket.encode({
    type: "query",
    id: 4711,
    flags: dnsPacket.RECURSION_DESIRED,
    questions: [{ type, name, class: "IN" }],
    ...packet,
  });
}

function handlerFor({ view = testView, outside, ageSeconds = 0, asked = [] }: AskOptions) {
  return createQueryHandler({
    zone,
    view,
    metrics: noDnsMetrics,
    askOutside(question): CachedMessage | Promise<undefined> {
      asked.push(question);
      if (!outside) return Promise.resolve(undefined);
      const bytes = dnsPacket.encode(outside);
      return { bytes, layout: readLayout(bytes), ageSeconds };
    },
  });
}

async function ask(name: string, options: AskOptions = {}) {
  const bytes = await handlerFor(options)(encodeQuestion(name, options), options.channel ?? udp);
  assert.ok(bytes);
  // Types say less than what is decoded.
  return { bytes, message: dnsPacket.decode(bytes) as dnsPacket.DecodedPacket & { rcode: string } };
}

test("createQueryHandler: an answer has the id, the question as it was asked, and the flags of an authority", async () => {
  const { message } = await ask(`Web.test.${svc}`);
  assert.equal(message.id, 4711);
  assert.equal(message.flag_qr, true);
  assert.equal(message.flag_aa, true);
  assert.equal(message.flag_rd, true);
  assert.equal(message.flag_ra, true);
  assert.equal(message.flag_tc, false);
  assert.deepEqual(message.questions, [{ name: `Web.test.${svc}`, type: "A", class: "IN" }]);
  assert.deepEqual(
    message.answers?.map((answer) => ({ ...answer })),
    [{ name: `Web.test.${svc}`, type: "A", ttl: 30, class: "IN", flush: false, data: "10.96.0.1" }],
  );
  assert.deepEqual(message.additionals, []);
});

test("createQueryHandler: every kind of record can be read by another codec", async () => {
  const data = async (name: string, type: RecordType) =>
    (await ask(name, { type, channel: tcp })).message.answers!.map((answer) => (answer as { data: unknown }).data);
  assert.deepEqual(await data(`six.test.${svc}`, "AAAA"), ["fd00::1"]);
  assert.deepEqual(await data(`external.test.${svc}`, "CNAME"), ["ext.example.test"]);
  assert.deepEqual(await data("1.0.96.10.in-addr.arpa", "PTR"), [`web.test.${svc}`]);
  assert.deepEqual(await data("cluster.local", "NS"), [`kube-dns.kube-system.${svc}`]);
  assert.deepEqual(await data("dns-version.cluster.local", "TXT"), [[Buffer.from("1.1.0")]]);
  assert.deepEqual(await data(`_http._tcp.web.test.${svc}`, "SRV"), [
    { priority: 0, weight: 100, port: 80, target: `web.test.${svc}` },
  ]);
  assert.deepEqual(await data("cluster.local", "SOA"), [
    {
      mname: "ns.dns.cluster.local",
      rname: "hostmaster.cluster.local",
      serial: 1_700_000_000,
      refresh: 7200,
      retry: 1800,
      expire: 86_400,
      minimum: 5,
    },
  ]);
});

test("createQueryHandler: denials", async () => {
  const noName = await ask(`none.test.${svc}`);
  assert.equal(noName.message.rcode, "NXDOMAIN");
  assert.equal(noName.message.authorities?.[0]?.type, "SOA");
  const noData = await ask(`web.test.${svc}`, { type: "AAAA" });
  assert.equal(noData.message.rcode, "NOERROR");
  assert.deepEqual(noData.message.answers, []);
  assert.equal(noData.message.authorities?.[0]?.type, "SOA");
});

test("createQueryHandler: addresses take turns to be first, aliases do not", async () => {
  const handle = handlerFor({});
  const first = async (name: string) => {
    const bytes = await handle(encodeQuestion(name, {}), tcp);
    return dnsPacket.decode(bytes!).answers!.map((answer) => (answer as { data: string }).data)[0];
  };
  const seen = [];
  for (let n = 0; n < 4; n++) seen.push(await first(`headless.test.${svc}`));
  assert.deepEqual(seen.toSorted(), ["172.16.0.2", "172.16.0.3", "172.16.0.4", "172.16.0.5"]);
  assert.equal(await first(`internal.test.${svc}`), `web.test.${svc}`);
});

const manyAddresses = Array.from({ length: 200 }, (_, n) => ({ addresses: [`10.1.${n >> 8}.${n & 255}`] }));
const crowd = createTestView({
  namespaces: ["test"],
  services: [createService("crowd", { clusterIP: "None", ports: [{ name: "http", port: 80 }] })],
  slices: [createSlice("crowd", manyAddresses)],
});

test("createQueryHandler: what does not fit into UDP is cut, and the client told so", async () => {
  const short = await ask(`crowd.test.${svc}`, { view: crowd });
  assert.equal(short.message.flag_tc, true);
  assert.ok(short.bytes.length <= 512);
  // Names are pointers: 16 bytes each.
  assert.equal(short.message.answers?.length, Math.floor((512 - 12 - `crowd.test.${svc}`.length - 6) / 16));
  const longer = await ask(`crowd.test.${svc}`, { view: crowd, packet: { additionals: [edns(1232)] } });
  assert.equal(longer.message.flag_tc, true);
  assert.ok(longer.bytes.length > 1200 && longer.bytes.length <= 1232);
  assert.equal(longer.message.additionals?.[0]?.type, "OPT");
  const whole = await ask(`crowd.test.${svc}`, { view: crowd, channel: tcp });
  assert.equal(whole.message.flag_tc, false);
  assert.equal(whole.message.answers?.length, 200);
  const big = await ask(`crowd.test.${svc}`, { view: crowd, packet: { additionals: [edns(65_535)] } });
  assert.equal(big.message.answers?.length, 200);
});

test("createQueryHandler: addresses of servers that do not fit are left out quietly", async () => {
  const few = createTestView({
    namespaces: ["test"],
    services: [createService("few", { clusterIP: "None", ports: [{ name: "http", port: 80 }] })],
    slices: [createSlice("few", manyAddresses.slice(0, 8))],
  });
  const { message, bytes } = await ask(`_http._tcp.few.test.${svc}`, { type: "SRV", view: few });
  assert.equal(message.flag_tc, false);
  assert.equal(message.answers?.length, 8);
  assert.ok(message.additionals!.length < 8);
  assert.ok(bytes.length <= 512);
});

test("createQueryHandler: EDNS is answered with EDNS, an unknown version with BADVERS", async () => {
  const known = await ask(`web.test.${svc}`, {
    packet: { additionals: [edns(4096, { flag_do: true, flags: 0x8000 })] },
  });
  const [option] = known.message.additionals as unknown as { type: string; flag_do: boolean; udpPayloadSize: number }[];
  assert.equal(option?.type, "OPT");
  assert.equal(option.flag_do, true);
  assert.equal(option.udpPayloadSize, 1232);
  const unknown = await ask(`web.test.${svc}`, { packet: { additionals: [edns(4096, { ednsVersion: 1 })] } });
  const [refusal] = unknown.message.additionals as unknown as { extendedRcode: number; ednsVersion: number }[];
  assert.equal((refusal!.extendedRcode << 4) | (unknown.bytes.readUInt16BE(2) & 15), 16);
  assert.equal(refusal!.ednsVersion, 0);
});

test("createQueryHandler: what is no question is refused, or not answered at all", async () => {
  const handle = handlerFor({});
  const rcodeOf = async (bytes: Buffer) => (await handle(bytes, udp))!.readUInt16BE(2) & 15;
  assert.equal(handle(Buffer.from("short"), udp), undefined);
  assert.equal(
    handle(dnsPacket.encode({ type: "response", id: 1, questions: [{ type: "A", name: "x" }] }), udp),
    undefined,
  );
  assert.equal(await rcodeOf(encodeQuestion("x", { packet: { questions: [] } })), 1);
  const twice = [
    { type: "A", name: "x" },
    { type: "A", name: "y" },
  ] as const;
  assert.equal(await rcodeOf(encodeQuestion("x", { packet: { questions: [...twice] } })), 1);
  assert.equal(await rcodeOf(encodeQuestion("x", {}).subarray(0, 14)), 1);
  assert.equal(await rcodeOf(encodeQuestion("cluster.local", { type: "AXFR" })), 5);
  assert.equal(
    await rcodeOf(encodeQuestion("x", { packet: { questions: [{ type: "TXT", name: "version.bind", class: "CH" }] } })),
    5,
  );
  const notify = encodeQuestion("cluster.local", { type: "SOA" });
  notify.writeUInt16BE(4 << 11, 2);
  assert.equal(await rcodeOf(notify), 4);
  const circle = Buffer.concat([encodeQuestion("x", {}).subarray(0, 12), Buffer.from([0xc0, 12, 0, 1, 0, 1])]);
  assert.equal(await rcodeOf(circle), 1);
});

test("createQueryHandler: names outside are asked for elsewhere, and the answer is passed on as it is", async () => {
  const asked: UpstreamQuestion[] = [];
  const outside: Packet = {
    type: "response",
    id: 99,
    flags: dnsPacket.RECURSION_DESIRED | dnsPacket.RECURSION_AVAILABLE | dnsPacket.AUTHENTIC_DATA,
    questions: [{ type: "MX", name: "example.com" }],
    answers: [{ type: "MX", name: "example.com", ttl: 300, data: { preference: 5, exchange: "mail.example.com" } }],
    additionals: [edns(512)],
  };
  const options: AskOptions = { type: "MX", outside, asked, ageSeconds: 10 };
  const { message } = await ask("Example.COM", options);
  assert.deepEqual(asked, [{ labels: ["example", "com"], type: 15, dnssec: false, checkingDisabled: false }]);
  assert.equal(message.id, 4711);
  assert.equal(message.flag_aa, false);
  assert.equal(message.flag_ad, false);
  assert.equal(message.questions?.[0]?.name, "Example.COM");
  assert.equal((message.answers![0] as { ttl: number }).ttl, 290);
  assert.deepEqual((message.answers![0] as { data: unknown }).data, { preference: 5, exchange: "mail.example.com" });
  assert.deepEqual(message.additionals, []);
  const withOption = await ask("example.com", { ...options, packet: { additionals: [edns(1400)] } });
  assert.equal(withOption.message.additionals?.length, 1);
});

test("createQueryHandler: answers from outside are cut too", async () => {
  const texts = Array.from({ length: 9 }, (_, n) => ({
    type: "TXT" as const,
    name: "example.com",
    ttl: 60,
    data: String(n).repeat(100),
  }));
  const outside: Packet = { type: "response", questions: [{ type: "TXT", name: "example.com" }], answers: texts };
  const { message, bytes } = await ask("example.com", { type: "TXT", outside });
  assert.equal(message.flag_tc, true);
  assert.equal(message.answers?.length, 3);
  assert.ok(bytes.length <= 512);
  assert.equal((await ask("example.com", { type: "TXT", outside, channel: tcp })).message.answers?.length, 9);
});

test("createQueryHandler: where nobody outside answers, SERVFAIL", async () => {
  const { message } = await ask("example.com");
  assert.equal(message.rcode, "SERVFAIL");
  assert.equal((await ask(`external.test.${svc}`)).message.rcode, "SERVFAIL");
});

test("createQueryHandler: what an alias leads to comes with it", async () => {
  const outside: Packet = {
    type: "response",
    questions: [{ type: "A", name: "ext.example.test" }],
    answers: [
      { type: "CNAME", name: "ext.example.test", ttl: 60, data: "host.example.test" },
      { type: "A", name: "host.example.test", ttl: 60, data: "192.0.2.7" },
    ],
  };
  const asked: UpstreamQuestion[] = [];
  const { message } = await ask(`external.test.${svc}`, { outside, asked, ageSeconds: 20 });
  assert.deepEqual(asked[0]?.labels, ["ext", "example", "test"]);
  assert.deepEqual(
    message.answers?.map((answer) => {
      const { name, ttl, data } = answer as { name: string; ttl: number; data: unknown };
      return `${name} ${ttl} ${answer.type} ${String(data)}`;
    }),
    [
      `external.test.${svc} 30 CNAME ext.example.test`,
      "ext.example.test 40 CNAME host.example.test",
      "host.example.test 40 A 192.0.2.7",
    ],
  );
});
