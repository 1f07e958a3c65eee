// Structured authentication (upstream's --authentication-config): the file, read and checked. Expressions are compiled here, so that
// one that is wrong is told at the start.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#using-authentication-configuration

import { z } from "zod";
import { parseYamlDocuments } from "#kubernetes/api";
import { type CelType, compile, createEnvironment, type Program, types } from "#kubernetes/cel";
import { UserError } from "#shared";

/** A claim, with a prefix where it has one, or an expression over the claims. */
export type Mapping =
  | { readonly claim: string; readonly prefix: string }
  | { readonly expression: string; readonly program: Program };

export interface Rule {
  readonly message: string;
  readonly program: Program;
}

export interface JwtAuthenticator {
  readonly issuer: {
    readonly url: string;
    readonly discoveryURL: string;
    /** PEM. Absent: the machine's own authorities. */
    readonly certificateAuthority?: string | undefined;
    readonly audiences: readonly string[];
  };
  readonly requiredClaims: readonly { readonly claim: string; readonly value: string }[];
  readonly claimRules: readonly Rule[];
  readonly username: Mapping;
  readonly groups: Mapping | undefined;
  readonly uid: Mapping | undefined;
  readonly extra: readonly { readonly key: string; readonly program: Program }[];
  readonly userRules: readonly Rule[];
}

export interface AuthenticationConfiguration {
  readonly jwt: readonly JwtAuthenticator[];
  /** Absent: as the server's other options say. */
  readonly anonymous?: { readonly enabled: boolean; readonly paths: readonly string[] } | undefined;
}

const claimsEnvironment = createEnvironment({ variables: new Map([["claims", types.dyn]]) });
const userEnvironment = createEnvironment({ variables: new Map([["user", types.dyn]]) });

function expression(environment: typeof claimsEnvironment, wanted?: readonly CelType[]) {
  return z.string().transform((text, context): { expression: string; program: Program } => {
    const result = compile(text, environment);
    if (!result.ok) {
      context.addIssue({ code: "custom", message: `compilation failed: ${result.message}` });
      return z.NEVER;
    }
    const { kind } = result.program.type;
    if (wanted && kind !== types.dyn.kind && !wanted.some((type) => type.kind === kind)) {
      const names = wanted.map(({ name }) => name).join(" or ");
      context.addIssue({ code: "custom", message: `must evaluate to ${names}` });
      return z.NEVER;
    }
    return { expression: text, program: result.program };
  });
}

const claimMapping = z
  .strictObject({
    claim: z.string().min(1).optional(),
    prefix: z.string().optional(),
    expression: expression(claimsEnvironment).optional(),
  })
  .transform((given, context): Mapping => {
    if (given.expression && given.claim === undefined) return given.expression;
    if (given.claim !== undefined && !given.expression) return { claim: given.claim, prefix: given.prefix ?? "" };
    context.addIssue({ code: "custom", message: "either claim or expression is required, and not both" });
    return z.NEVER;
  });

const claimRule = z.strictObject({
  claim: z.string().optional(),
  requiredValue: z.string().optional(),
  expression: expression(claimsEnvironment, [types.bool]).optional(),
  message: z.string().optional(),
});

const userRule = z.strictObject({
  expression: expression(userEnvironment, [types.bool]),
  message: z.string().optional(),
});

const httpsUrl = z.url({ protocol: /^https$/, error: "must be a URL with https" });

const jwt = z
  .strictObject({
    issuer: z.strictObject({
      url: httpsUrl,
      discoveryURL: httpsUrl.optional(),
      certificateAuthority: z.string().optional(),
      audiences: z.array(z.string().min(1)).min(1, "at least one audience is required"),
      audienceMatchPolicy: z.enum(["", "MatchAny"]).optional(),
    }),
    claimValidationRules: z.array(claimRule).default([]),
    claimMappings: z.strictObject({
      username: claimMapping,
      groups: claimMapping.optional(),
      uid: claimMapping.optional(),
      extra: z
        .array(
          z.strictObject({
            key: z.string().regex(/^[^/]+\/.+/, "must be a path with a domain, such as example.com/x"),
            valueExpression: expression(claimsEnvironment),
          }),
        )
        .default([]),
    }),
    userValidationRules: z.array(userRule).default([]),
  })
  .transform(({ issuer, claimValidationRules, claimMappings, userValidationRules }): JwtAuthenticator => {
    const { url } = issuer;
    const ruleOf = (rule: {
      expression: { expression: string; program: Program };
      message?: string | undefined;
    }): Rule => ({
      program: rule.expression.program,
      message: rule.message ?? `validation expression '${rule.expression.expression}' failed`,
    });
    return {
      issuer: {
        ...issuer,
        discoveryURL: issuer.discoveryURL ?? `${url.replace(/\/$/, "")}/.well-known/openid-configuration`,
      },
      requiredClaims: claimValidationRules.flatMap(({ claim, requiredValue }) =>
        claim ? [{ claim, value: requiredValue ?? "" }] : [],
      ),
      claimRules: claimValidationRules.flatMap((rule) =>
        rule.expression ? [ruleOf({ ...rule, expression: rule.expression })] : [],
      ),
      username: claimMappings.username,
      groups: claimMappings.groups,
      uid: claimMappings.uid,
      extra: claimMappings.extra.map(({ key, valueExpression }) => ({ key, program: valueExpression.program })),
      userRules: userValidationRules.map(ruleOf),
    };
  });

const configuration = z
  .strictObject({
    apiVersion: z.enum(["apiserver.config.k8s.io/v1", "apiserver.config.k8s.io/v1beta1"]),
    kind: z.literal("AuthenticationConfiguration"),
    jwt: z.array(jwt).max(64).default([]),
    anonymous: z
      .strictObject({
        enabled: z.boolean(),
        conditions: z.array(z.strictObject({ path: z.string().startsWith("/") })).default([]),
      })
      .optional(),
  })
  .refine(
    ({ jwt: list }) => new Set(list.map(({ issuer }) => issuer.url)).size === list.length,
    "two authenticators have the same issuer",
  );

/** Reads the file's text. Throws a UserError that names every field that is wrong. */
export function readAuthenticationConfiguration(text: string): AuthenticationConfiguration {
  let document: unknown;
  try {
    [document] = parseYamlDocuments(text);
  } catch (error) {
    throw new UserError(`Cannot read the authentication configuration: ${(error as Error).message}`);
  }
  const result = configuration.safeParse(document);
  if (!result.success) {
    const problems = result.error.issues.map(({ path, message }) => `${path.join(".") || "the file"}: ${message}`);
    throw new UserError(`Cannot use the authentication configuration: ${problems.join("; ")}`);
  }
  const { anonymous } = result.data;
  return {
    jwt: result.data.jwt,
    ...(anonymous && {
      anonymous: { enabled: anonymous.enabled, paths: anonymous.conditions.map(({ path }) => path) },
    }),
  };
}
