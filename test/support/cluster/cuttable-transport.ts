// A transport whose wire can be cut: requests fail, watches break off, until it is mended.

import type { ApiRequest, ApiResponse } from "#kubernetes/api";
import type { Transport } from "#kubernetes/client";

export interface CuttableTransport extends Transport {
  cut(): void;
  mend(): void;
}

export function cuttable(transport: Transport): CuttableTransport {
  let wire: AbortController | undefined = new AbortController();
  const request = async (wanted: ApiRequest): Promise<ApiResponse> => {
    if (!wire) throw new Error("connect ECONNREFUSED");
    const signal = wanted.signal ? AbortSignal.any([wanted.signal, wire.signal]) : wire.signal;
    return transport.request({ ...wanted, signal });
  };
  return {
    request,
    close: () => transport.close(),
    cut() {
      wire?.abort(new Error("read ECONNRESET"));
      wire = undefined;
    },
    mend() {
      wire ??= new AbortController();
    },
  };
}
