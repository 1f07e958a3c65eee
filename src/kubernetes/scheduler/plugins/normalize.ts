// The usual way to bring scores to between 0 and 100: the greatest becomes 100.

import { maxNodeScore, type Scores } from "../framework.ts";

/** In place. `isReversed`: the greatest becomes 0, and 0 becomes 100. */
export function normalizeToMost(scores: Scores, { isReversed = false } = {}): void {
  let most = 0;
  for (const score of scores) if (score > most) most = score;
  if (most === 0) {
    if (isReversed) scores.fill(maxNodeScore);
    return;
  }
  for (let at = 0; at < scores.length; at++) {
    const share = Math.floor((maxNodeScore * scores[at]!) / most);
    scores[at] = isReversed ? maxNodeScore - share : share;
  }
}
