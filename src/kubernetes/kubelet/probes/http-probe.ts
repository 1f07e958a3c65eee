// An HTTP probe: a status of 200 to 399 is success; being led to another host, success with a warning.

import { describeError } from "#shared";
import { type HttpGet, sendHttpGet } from "./http-get.ts";
import { fail, type ProbeResult, succeed } from "./probe-result.ts";

export async function probeHttp(get: HttpGet, timeoutMs: number, signal?: AbortSignal): Promise<ProbeResult> {
  try {
    const { status, body } = await sendHttpGet(get, timeoutMs, signal);
    if (status < 200 || status >= 400) return fail(`HTTP probe failed with statuscode: ${status}`);
    if (status < 300) return succeed(body);
    return { result: "warning", output: `Probe terminated redirects, Response body: ${body}` };
  } catch (error) {
    return fail(describeError(error));
  }
}
