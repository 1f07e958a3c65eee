// How long strings may get that few letters of an expression make: beyond, the process would run out of memory. No cost limit stands
// before these, since upstream counts by what goes in, not by what comes out.

import { CelError } from "./value.ts";

export const MOST_TEXT = 2 ** 24;

export const TEXT_TOO_LONG = new CelError(`string would be longer than ${MOST_TEXT} characters`);
