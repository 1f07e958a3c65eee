// CRI v1 as one table: messages, enums and methods of runtime.v1. A request is named after its method, and so is its answer.

import { createCodec, type Received, type Sent } from "#grpc";
import { containerMessages } from "./messages/container.ts";
import { criEnums } from "./messages/enums.ts";
import { imageMessages } from "./messages/image.ts";
import { runtimeMessages } from "./messages/runtime.ts";
import { sandboxMessages } from "./messages/sandbox.ts";
import { statsMessages } from "./messages/stats.ts";

const criProtocol = {
  messages: { ...containerMessages, ...imageMessages, ...runtimeMessages, ...sandboxMessages, ...statsMessages },
  enums: criEnums,
} as const;

type CriProtocol = typeof criProtocol;
type MessageName = keyof CriProtocol["messages"];

/** A CRI message as sent: every field optional. */
export type CriMessage<T extends MessageName> = Sent<CriProtocol, T>;
/** A CRI message as received: absent scalars are zero, absent messages undefined. */
export type CriAnswer<T extends MessageName> = Received<CriProtocol, T>;

/** The values of a CRI enum. */
export type CriEnum<T extends keyof CriProtocol["enums"]> = CriProtocol["enums"][T][number];

export const criCodec = createCodec<CriProtocol>(criProtocol);

/** The methods with one request and one answer. */
export type CriMethod = {
  [M in MessageName]: M extends `${infer Method}Request`
    ? `${Method}Response` extends MessageName
      ? Method
      : never
    : never;
}[MessageName];

const imageMethods: ReadonlySet<string> = new Set([
  "ListImages",
  "ImageStatus",
  "PullImage",
  "RemoveImage",
  "ImageFsInfo",
] satisfies CriMethod[]);

/** The method's path on the wire. */
export function criPathOf(method: string): string {
  return `/runtime.v1.${imageMethods.has(method) ? "ImageService" : "RuntimeService"}/${method}`;
}
