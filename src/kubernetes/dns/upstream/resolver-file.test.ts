import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { FakeClock } from "#shared";
import { createResolverFile, parseNameServers } from "./resolver-file.ts";

test("parseNameServers: addresses of both families, nothing else", () => {
  const text = `# by hand
search example.com
nameserver 192.0.2.53
  nameserver fe80::1%eth0
;nameserver 192.0.2.1
nameserver ns.example.com
nameserver\t2001:db8::53 # the second
options ndots:2
`;
  assert.deepEqual(parseNameServers(text), [
    { address: "192.0.2.53", port: 53 },
    { address: "fe80::1%eth0", port: 53 },
    { address: "2001:db8::53", port: 53 },
  ]);
});

test("createResolverFile: follows the file, without looking at it all the time", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-dns-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "resolv.conf");
  const clock = new FakeClock();
  const servers = createResolverFile(path, clock);
  assert.deepEqual(servers(), []);
  writeFileSync(path, "nameserver 192.0.2.1\n");
  assert.deepEqual(servers(), []);
  await clock.advance(1000);
  assert.deepEqual(servers(), [{ address: "192.0.2.1", port: 53 }]);
  writeFileSync(path, "nameserver 192.0.2.1\nnameserver 192.0.2.22\n");
  await clock.advance(1000);
  assert.equal(servers().length, 2);
  rmSync(path);
  await clock.advance(1000);
  assert.deepEqual(servers(), []);
});
