// What the devices of a claim must have in common, or not. Once one does not fit, more devices cannot mend it.

import type { DeviceAttribute, ResourceV1ResourceClaim as ResourceClaim } from "#kubernetes/api";
import type { PoolDevice } from "./pools.ts";
import { concernsWish, type Wish } from "./wishes.ts";

export interface Constraint {
  /** Whether the device fits those before it; it then counts until it is removed. */
  add(wish: Wish, device: PoolDevice): boolean;
  /** Takes back the last device that was added. */
  remove(wish: Wish, device: PoolDevice): void;
}

/** Throws an Error for constraints nobody knows. */
export function constraintsOf({ metadata, spec }: ResourceClaim): Constraint[] {
  return (spec.devices?.constraints ?? []).map(({ matchAttribute, distinctAttribute, requests }, index) => {
    const attribute = matchAttribute ?? distinctAttribute;
    if (attribute === undefined) {
      const claim = `${metadata.namespace}/${metadata.name}`;
      throw new Error(`claim ${claim}, constraint #${index}: empty constraint (unsupported constraint type?)`);
    }
    return attributeConstraint(attribute, requests, matchAttribute !== undefined ? isSame : isNew);
  });
}

type Fits = (values: readonly string[], value: string) => boolean;

const isSame: Fits = (values, value) => values.length === 0 || values[0] === value;
const isNew: Fits = (values, value) => !values.includes(value);

function attributeConstraint(attribute: string, requests: readonly string[] | undefined, fits: Fits): Constraint {
  const values: string[] = [];
  return {
    add(wish, device) {
      if (!concernsWish(requests, wish)) return true;
      const value = attributeText(device, attribute);
      if (value === undefined || !fits(values, value)) return false;
      values.push(value);
      return true;
    },
    remove(wish) {
      if (concernsWish(requests, wish)) values.pop();
    },
  };
}

/** Its type and value as text; a name in the driver's own domain may be written without it. */
function attributeText({ device, slice }: PoolDevice, attribute: string): string | undefined {
  const attributes = device.attributes ?? {};
  const slash = attribute.indexOf("/");
  const short = attribute.slice(0, slash) === slice.spec.driver ? attribute.slice(slash + 1) : undefined;
  const found = attributes[attribute] ?? (short === undefined ? undefined : attributes[short]);
  return found && textOf(found);
}

function textOf({ string, int, bool, version }: DeviceAttribute): string | undefined {
  if (string !== undefined) return `string:${string}`;
  if (int !== undefined) return `int:${int}`;
  if (bool !== undefined) return `bool:${bool}`;
  return version === undefined ? undefined : `version:${version}`;
}
