import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCertificateRequest } from "./certificate-request.ts";

/** For O=system:nodes, CN=system:node:a, with one subject alternative name of each kind, signed with a P-256 key. */
const pem = `-----BEGIN CERTIFICATE REQUEST-----
MIIBODCB3wIBADAvMRUwEwYDVQQKDAxzeXN0ZW06bm9kZXMxFjAUBgNVBAMMDXN5
c3RlbTpub2RlOmEwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQrIWPgsQzVnBB3
/5z4RIEtAvAHMIfLPDNVUjT/ygqb8EJTMv8Qr5NR0DZ0sAZKcUT9bmpdu2WqmusL
d/a+AA40oE4wTAYJKoZIhvcNAQkOMT8wPTA7BgNVHREENDAyggNhLmKHBAoAAAGH
EP0AAAAAAAAAAAAAAAAAAAGGDHNwaWZmZTovL3gveYEFYUBiLmMwCgYIKoZIzj0E
AwIDSAAwRQIhAJdOPDzYI+ArJJosjPmJrYyMDaHOhNeeevVrBHuHObqNAiAzTesL
KnbyIoTKKhTEuj+p7gZwYq2D3gk4eC7KvzfMOQ==
-----END CERTIFICATE REQUEST-----
`;

test("parseCertificateRequest: reads the subject and its alternative names", () => {
  const request = parseCertificateRequest(pem);
  assert.equal(request.commonName, "system:node:a");
  assert.deepEqual(request.organizations, ["system:nodes"]);
  assert.deepEqual(request.dnsNames, ["a.b"]);
  assert.deepEqual(request.ipAddresses, ["10.0.0.1", "fd00::1"]);
  assert.deepEqual(request.uris, ["spiffe://x/y"]);
  assert.deepEqual(request.emailAddresses, ["a@b.c"]);
});

test("checkSignature: tells whether the request was changed after it was signed", () => {
  assert.equal(parseCertificateRequest(pem).checkSignature(), undefined);
  const changed = pem.replace("MAwNc3lz", "MAwNc3lx").replace("DAxzeXN0", "DAxzeXN1");
  assert.equal(parseCertificateRequest(changed).checkSignature(), "x509: ECDSA verification failure");
});

test("parseCertificateRequest: refuses what is no request", () => {
  assert.throws(() => parseCertificateRequest("nothing"), /PEM block type must be CERTIFICATE REQUEST/);
  const wrong = "-----BEGIN CERTIFICATE REQUEST-----\nMIIBODCB\n-----END CERTIFICATE REQUEST-----\n";
  assert.throws(() => parseCertificateRequest(wrong), /asn1: syntax error: data truncated/);
});
