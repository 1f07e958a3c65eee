// The API server: wire-compatible with kube-apiserver 1.36. In process through `handler`, over HTTPS after `listen`.

export { type ApiServer, createApiServer } from "./api-server.ts";
export { type AuditLog, openAuditLog } from "./audit/audit-log.ts";
export { readAuditPolicy } from "./audit/audit-policy.ts";
export type { AuditOptions } from "./audit/audit-stage.ts";
export { readAuthenticationConfiguration } from "./authentication/structured/authentication-configuration.ts";
export { readWebhookKubeconfig } from "./authentication/webhook-configuration.ts";
export { readAuthorizationConfiguration } from "./authorization/structured/authorization-configuration.ts";
export { readEncryptionConfiguration } from "./encryption/encryption-configuration.ts";
export { type Encryption, openEncryption } from "./encryption/open-encryption.ts";
export type { Listener, ListenOptions, TlsMaterial } from "./http/server.ts";
export type { ApiServerOptions, KubeletClientOptions, ServiceAccountOptions, StoreUpkeep } from "./options.ts";
