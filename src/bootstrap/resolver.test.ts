import assert from "node:assert/strict";
import { test } from "node:test";
import { findResolver, renderResolverRules } from "./resolver.ts";

function reader(files: Record<string, string>) {
  return async (path: string) => {
    const text = files[path];
    if (text === undefined) throw new Error("ENOENT");
    return text;
  };
}

test("findResolver: the usual file where its servers can be reached", async () => {
  const resolver = await findResolver(
    reader({ "/etc/resolv.conf": "# x\nnameserver 10.0.0.2\nnameserver fe80::1\nsearch x\n" }),
  );
  assert.deepEqual(resolver, { file: "/etc/resolv.conf", servers: ["10.0.0.2"], loopback: [] });
  assert.equal(renderResolverRules(resolver), undefined);
});

test("findResolver: looks behind a resolver on the loopback, and what is asked there is sent on", async () => {
  const resolver = await findResolver(
    reader({
      "/etc/resolv.conf": "nameserver 127.0.0.53\n",
      "/run/systemd/resolve/resolv.conf": "nameserver 9.9.9.9\nnameserver 1.1.1.1\n",
    }),
  );
  assert.deepEqual(resolver, {
    file: "/run/systemd/resolve/resolv.conf",
    servers: ["9.9.9.9", "1.1.1.1"],
    loopback: ["127.0.0.53"],
  });
  assert.match(renderResolverRules(resolver)!, /ip daddr 127\.0\.0\.53 tcp dport 53 dnat to 9\.9\.9\.9/);
});

test("findResolver: nothing to be found behind it", async () => {
  const resolver = await findResolver(reader({ "/etc/resolv.conf": "nameserver 127.0.0.1\n" }));
  assert.deepEqual(resolver, { file: "/etc/resolv.conf", servers: [], loopback: ["127.0.0.1"] });
  assert.equal(renderResolverRules(resolver), undefined);
});
