// Tokens of an outside issuer: a real HTTPS issuer with keys of its own, whose tokens the server verifies and maps.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { type SelfSubjectReview, StatusError } from "#kubernetes/api";
import { type ApiServer, createApiServer, readAuthenticationConfiguration } from "#kubernetes/apiserver";
import { openMemoryStore } from "#kubernetes/store";
import { type Clock, FakeClock, systemClock } from "#shared";

const fixture = (name: string) =>
  readFileSync(new URL(`../../fixtures/tls/localhost.${name}`, import.meta.url), "utf8");

interface Issuer {
  readonly url: string;
  /** A token with these claims over those every token has. */
  sign(claims?: JWTPayload): Promise<string>;
  /** From here on another key signs. */
  rotate(): Promise<void>;
}

async function startIssuer(t: TestContext): Promise<Issuer> {
  let keys = await makeKeys("1");
  const server = createServer({ key: fixture("key"), cert: fixture("crt") }, (request, response) => {
    const isDiscovery = request.url === "/.well-known/openid-configuration";
    const body = isDiscovery ? { issuer: url, jwks_uri: `${url}/keys` } : { keys: [keys.published] };
    response.setHeader("content-type", "application/json").end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `https://localhost:${(server.address() as AddressInfo).port}`;
  return {
    url,
    sign: (claims = {}) =>
      new SignJWT({ iss: url, aud: "cluster", sub: "ann", exp: Math.floor(Date.now() / 1000) + 60, ...claims })
        .setProtectedHeader({ alg: "ES256", kid: keys.id })
        .sign(keys.private),
    async rotate() {
      keys = await makeKeys(`${keys.id}1`);
    },
  };
}

async function makeKeys(id: string) {
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
  return { id, private: privateKey, published: { ...(await exportJWK(publicKey)), kid: id, alg: "ES256", use: "sig" } };
}

function startServer(t: TestContext, { url }: Issuer, more: string, clock: Clock = systemClock): ApiServer {
  const authority = fixture("crt")
    .trim()
    .split("\n")
    .map((line) => `      ${line}`)
    .join("\n");
  const authentication = readAuthenticationConfiguration(`apiVersion: apiserver.config.k8s.io/v1
kind: AuthenticationConfiguration
jwt:
- issuer:
    url: ${url}
    audiences: [cluster, other]
    certificateAuthority: |
${authority}
${more}`);
  const server = createApiServer({ store: openMemoryStore(), authentication, clock });
  t.after(() => server.stop());
  return server;
}

/** Whom the server takes the bearer for; undefined where it refuses. */
async function askWho({ handler }: ApiServer, token: string): Promise<Record<string, unknown> | undefined> {
  const object = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
  try {
    const response = await handler({
      method: "POST",
      path: "/apis/authentication.k8s.io/v1/selfsubjectreviews",
      query: new URLSearchParams(),
      headers: { authorization: `Bearer ${token}` },
      body: { kind: "object", object },
    });
    assert.ok(response.kind === "object");
    return (response.object as SelfSubjectReview).status?.userInfo as unknown as Record<string, unknown>;
  } catch (error) {
    assert.ok(error instanceof StatusError && error.code === 401, String(error));
    return undefined;
  }
}

test("structured authentication: claims become a user, with prefixes", async (t) => {
  const issuer = await startIssuer(t);
  const server = startServer(
    t,
    issuer,
    `  claimMappings:
    username: {claim: sub, prefix: "oidc:"}
    groups: {claim: groups, prefix: "oidc:"}`,
  );
  assert.deepEqual(await askWho(server, await issuer.sign({ groups: ["devs", "ops"] })), {
    username: "oidc:ann",
    groups: ["oidc:devs", "oidc:ops", "system:authenticated"],
  });
});

test("structured authentication: what is not for this cluster, too old, or signed by another is refused", async (t) => {
  const issuer = await startIssuer(t);
  const server = startServer(t, issuer, '  claimMappings: {username: {claim: sub, prefix: ""}}');
  assert.ok(await askWho(server, await issuer.sign({ aud: ["other"] })));
  assert.equal(await askWho(server, await issuer.sign({ aud: "elsewhere" })), undefined);
  assert.equal(await askWho(server, await issuer.sign({ exp: 1 })), undefined);
  const [head, , signature] = (await issuer.sign()).split(".");
  const [, body] = (await issuer.sign({ sub: "root" })).split(".");
  assert.equal(await askWho(server, `${head}.${body}.${signature}`), undefined);
  assert.equal(await askWho(server, await issuer.sign({ sub: "" })), undefined);
});

test("structured authentication: a key that is new is fetched, but not at every token", async (t) => {
  const issuer = await startIssuer(t);
  const clock = new FakeClock();
  const server = startServer(t, issuer, '  claimMappings: {username: {claim: sub, prefix: ""}}', clock);
  assert.ok(await askWho(server, await issuer.sign()));
  await issuer.rotate();
  assert.equal(await askWho(server, await issuer.sign({ sub: "bob" })), undefined, "the keys were fetched just now");
  await clock.advance(11_000);
  assert.equal((await askWho(server, await issuer.sign({ sub: "bob" })))?.["username"], "bob");
});

test("structured authentication: expressions map claims and refuse users", async (t) => {
  const issuer = await startIssuer(t);
  const server = startServer(
    t,
    issuer,
    `  claimValidationRules:
  - {expression: "claims.hd == 'example.com'", message: only of example.com}
  - {claim: tenant, requiredValue: one}
  claimMappings:
    username: {expression: "claims.sub + '@' + claims.hd"}
    groups: {expression: "claims.roles.split(',')"}
    uid: {claim: uid}
    extra: [{key: example.com/tenant, valueExpression: claims.tenant}]
  userValidationRules:
  - {expression: "!user.username.startsWith('bad')", message: no bad users}`,
  );
  const claims = { hd: "example.com", tenant: "one", roles: "a,b", uid: "42" };
  assert.deepEqual(await askWho(server, await issuer.sign(claims)), {
    username: "ann@example.com",
    uid: "42",
    groups: ["a", "b", "system:authenticated"],
    extra: { "example.com/tenant": ["one"] },
  });
  assert.equal(await askWho(server, await issuer.sign({ ...claims, hd: "example.org" })), undefined);
  assert.equal(await askWho(server, await issuer.sign({ ...claims, tenant: "two" })), undefined);
  assert.equal(await askWho(server, await issuer.sign({ ...claims, sub: "bad" })), undefined);
});

test("structured authentication: who may ask without credentials, and for what", async (t) => {
  const issuer = await startIssuer(t);
  const server = startServer(
    t,
    issuer,
    `  claimMappings: {username: {claim: sub, prefix: ""}}
anonymous: {enabled: true, conditions: [{path: /livez}]}`,
  );
  const ask = (path: string) => server.handler({ method: "GET", path, query: new URLSearchParams(), headers: {} });
  assert.equal((await ask("/livez")).kind, "bytes");
  await assert.rejects(ask("/version"), (error) => error instanceof StatusError && error.code === 401);
});

test("readAuthenticationConfiguration: says every field that is wrong", () => {
  const text = `apiVersion: apiserver.config.k8s.io/v1
kind: AuthenticationConfiguration
jwt:
- issuer: {url: "http://plain.example.com", audiences: []}
  claimMappings:
    username: {claim: sub, expression: claims.sub}
    groups: {expression: "claims.groups +"}
`;
  assert.throws(
    () => readAuthenticationConfiguration(text),
    (error) => {
      const { message } = error as Error;
      for (const part of [
        /issuer\.url: must be a URL with https/,
        /audiences: at least one audience is required/,
        /username: either claim or expression/,
        /groups\.expression: compilation failed: ERROR/,
      ]) {
        assert.match(message, part);
      }
      return true;
    },
  );
});
