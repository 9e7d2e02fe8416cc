// Conformance cases 60 to 62: what is told when an action's time has come.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ok } from './support/expect.mjs';
import { HookSink, hook, tell } from './support/hook_sink.mjs';
import { Make } from './support/make.mjs';

let make, sink;
before(async () => {
  make = await Make.inNewTenant();
  sink = await HookSink.start();
  await tell(make);
  await hook(make, sink);
});
after(() => sink.stop());

const soon = () => Date.now() + 2000;
const get = async (action) => (await ok(make.api.retrieveAction(action.id))).action;

test('case 060 an end is told once', async () => {
  const expiry = soon();
  const action = await make.take(await make.mute(), await make.user(), { expiry, comment: 'c1' });
  assert.equal((await get(action)).endEventSent, false);
  const { event } = await sink.waitFor('end', action);
  assert.ok(event.createInstant >= expiry);
  assert.equal(event.comment, 'c1');
  assert.equal((await get(action)).endEventSent, true);
  // Another end that is told later shows that nothing of this one was still under way.
  const later = await make.take(await make.mute(), await make.user(), { expiry: Date.now() });
  await sink.waitFor('end', later);
  assert.equal(sink.about(action).length, 1);
});

test('case 061 a quiet end', async () => {
  const expiry = soon();
  const [quiet, loud] = [await make.mute({ sendEndEvent: false }), await make.mute()];
  const action = await make.take(quiet, await make.user(), { expiry });
  await sink.waitFor('end', await make.take(loud, await make.user(), { expiry: expiry + 1 }));
  await sink.waitFor('end', await make.take(loud, await make.user(), { expiry: Date.now() }));
  assert.deepEqual(sink.about(action), []);
  assert.equal((await get(action)).endEventSent, false);
});

test('case 062 no end of what was cancelled', async () => {
  const [mute, expiry] = [await make.mute(), soon()];
  const action = await make.take(mute, await make.user(), { expiry });
  const later = await make.take(mute, await make.user(), { expiry: expiry + 1 });
  await make.cancel(action);
  await sink.waitFor('end', later);
  assert.deepEqual(sink.about(action), []);
  assert.equal((await get(action)).endEventSent, false);
});
