// Waiting for a condition instead of for time to pass.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';

// Asks `condition` again and again until it answers truthfully; gives back that answer.
export async function until(condition, what) {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const answer = await condition();
    if (answer) return answer;
    assert.ok(Date.now() < deadline, `${what} did not come within 20 s`);
    await pause(20);
  }
}
