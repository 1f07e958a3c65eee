// One bound of a LimitRange against one request and limit. Each answers what is wrong in upstream's words, or nothing.

import { compareQuantities, formatQuantity, parseQuantity, quantityMilliValue } from "#kubernetes/api";

type Amount = string | undefined;

export function checkMin(
  type: string,
  name: string,
  bound: string,
  request: Amount,
  limit: Amount,
): string | undefined {
  const words = `minimum ${name} usage per ${type} is ${show(bound)}`;
  if (request === undefined) return `${words}.  No request is specified`;
  if (compare(request, bound) < 0) return `${words}, but request is ${show(request)}`;
  if (limit !== undefined && compare(limit, bound) < 0) return `${words}, but limit is ${show(limit)}`;
  return undefined;
}

export function checkMax(
  type: string,
  name: string,
  bound: string,
  request: Amount,
  limit: Amount,
): string | undefined {
  const words = `maximum ${name} usage per ${type} is ${show(bound)}`;
  if (limit === undefined) return `${words}.  No limit is specified`;
  if (compare(limit, bound) > 0) return `${words}, but limit is ${show(limit)}`;
  if (request !== undefined && compare(request, bound) > 0) return `${words}, but request is ${show(request)}`;
  return undefined;
}

/** Of claims, which have no limits. */
export function checkMaxRequest(type: string, name: string, bound: string, request: Amount): string | undefined {
  const words = `maximum ${name} usage per ${type} is ${show(bound)}`;
  if (request === undefined) return `${words}.  No request is specified`;
  return compare(request, bound) > 0 ? `${words}, but request is ${show(request)}` : undefined;
}

export function checkRatio(
  type: string,
  name: string,
  bound: string,
  request: Amount,
  limit: Amount,
): string | undefined {
  const words = `${name} max limit to request ratio per ${type} is ${show(bound)}`;
  if (request === undefined || quantityMilliValue(request) === 0) {
    return `${words}, but no request is specified or request is 0`;
  }
  if (limit === undefined || quantityMilliValue(limit) === 0)
    return `${words}, but no limit is specified or limit is 0`;
  const ratio = quantityMilliValue(limit) / quantityMilliValue(request);
  if (ratio * 1000 <= quantityMilliValue(bound)) return undefined;
  return `${words}, but provided ratio is ${ratio.toFixed(6)}`;
}

function compare(a: string, b: string): number {
  return compareQuantities(parseQuantity(a), parseQuantity(b));
}

function show(quantity: string): string {
  return formatQuantity(parseQuantity(quantity));
}
