// The shape of a cluster configuration after defaults. schema.ts (zod) is where it is checked.

/** To be replaced by the type inferred from the schema. */
export interface ClusterConfig {
  readonly name: string;
}
