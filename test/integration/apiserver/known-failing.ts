// Scenarios whose answers differ from the recorded ones, and why. This list only ever becomes shorter.

export const knownFailing: Readonly<Record<string, string>> = {
  "crd/lifecycle": "custom resources are not served yet",
  "crd/invalid": "custom resources are not served yet",
  "admission/quota": "needs the resource quota controller",
  "admission/policy": "validating admission policies are not evaluated yet",
};
