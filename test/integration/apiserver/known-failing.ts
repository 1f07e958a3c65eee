// Scenarios whose answers differ from the recorded ones, and why. This list only ever becomes shorter.

export const knownFailing: Readonly<Record<string, string>> = {
  "admission/quota": "needs the resource quota controller",
};
