// OpenTofu's JSON syntax as data, and what one file of it looks like on disk. A file's "//" says what it is for.

export type TofuValue =
  | string
  | number
  | boolean
  | null
  | readonly TofuValue[]
  | { readonly [argument: string]: TofuValue | undefined };

export type TofuBlock = { readonly [argument: string]: TofuValue | undefined };

/** From a resource's type to the resources of that type, by name. */
export type TofuResources = Readonly<Record<string, Readonly<Record<string, TofuBlock>>>>;

export interface TofuDocument {
  readonly "//": string;
  readonly terraform?: TofuBlock;
  readonly provider?: TofuBlock;
  readonly locals?: TofuBlock;
  readonly data?: TofuResources;
  readonly resource?: TofuResources;
  readonly output?: Readonly<Record<string, TofuBlock>>;
}

/** By the file's name, such as "network.tf.json". */
export type TofuFiles = Readonly<Record<string, TofuDocument>>;

export function renderDocument(document: TofuDocument): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** The resources that the files declare, as OpenTofu names them: "aws_vpc.cluster". */
export function listResources(files: TofuFiles): string[] {
  return Object.values(files).flatMap(({ resource = {} }) =>
    Object.entries(resource).flatMap(([type, named]) => Object.keys(named).map((name) => `${type}.${name}`)),
  );
}
