// Turns custom resources from one version into another: nothing but the name of the version changes, or a webhook does it.

import { formatApiVersion, type KubeObject } from "#kubernetes/api";

export interface Converter {
  /** Whether others have to be asked, so that conversions take time and may fail. */
  readonly isRemote: boolean;
  /**
   * The objects, which stay as they are, at another version; those that speak it already are among them. Throws StatusError
   * where they cannot be converted.
   */
  convert(objects: readonly KubeObject[], version: string): Promise<readonly KubeObject[]>;
  /** As convert, at once; only of converters that are not remote. */
  convertNow(object: KubeObject, version: string): KubeObject;
}

/** All versions are alike but for their names. */
export function renamingConverter(group: string): Converter {
  const convertNow = (object: KubeObject, version: string): KubeObject => {
    const apiVersion = formatApiVersion({ group, version });
    return object.apiVersion === apiVersion ? object : { ...object, apiVersion };
  };
  return {
    isRemote: false,
    convertNow,
    convert: async (objects, version) => objects.map((object) => convertNow(object, version)),
  };
}
