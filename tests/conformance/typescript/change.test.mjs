// Conformance cases 48 to 54 and 82: modifying and cancelling an action.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, beforeEach, test } from 'node:test';
import { errors, field, ids, ok, refused } from './support/expect.mjs';
import { HOUR, Make, far } from './support/make.mjs';

let make, api, mute, user, muted;
before(async () => {
  make = await Make.inDefaultTenant();
  api = make.api;
  [mute, user] = [await make.mute(), await make.user()];
});
beforeEach(async () => {
  muted = await make.take(mute, user, { comment: 'c1' });
});

test('case 048 modify', async () => {
  const far2 = Date.now() + 2 * HOUR;
  const body = await make.change({ comment: 'c2', expiry: far2 });
  const { action } = await ok(api.modifyAction(muted.id, body));
  assert.equal(action.comment, 'c2');
  assert.equal(action.expiry, far2);
  const [item, ...others] = action.history.historyItems;
  assert.deepEqual(others, []);
  assert.equal(item.comment, 'c1');
  assert.equal(item.expiry, muted.expiry);
  assert.equal(item.createInstant, muted.insertInstant);
  assert.deepEqual(action.historyItems, action.history.historyItems);
});

test('case 049 cancel with a body', async () => {
  await ok(api.modifyAction(muted.id, await make.change({ comment: 'c2', expiry: far() })));
  const { action } = await ok(api.cancelAction(muted.id, await make.change({ comment: 'c3' })));
  assert.equal(action.comment, 'c3');
  assert.deepEqual(action.history.historyItems.map((item) => item.comment), ['c1', 'c2']);
  assert.ok(action.expiry <= Date.now());
  assert.ok(ids((await ok(api.retrieveInactiveActions(user.id))).actions).has(muted.id));
  assert.ok(!ids((await ok(api.retrieveActiveActions(user.id))).actions).has(muted.id));
});

test('case 050 change without actioner', async () => {
  const put = api.modifyAction(muted.id, { action: { expiry: far() } });
  await field(put, 'action.actionerUserId');
  await field(api.cancelAction(muted.id, { action: {} }), 'action.actionerUserId');
});

test('case 051 modify without expiry', async () => {
  const body = await make.change({ comment: 'c2' });
  await field(api.modifyAction(muted.id, body), 'action.expiry');
});

test('case 052 change of an unknown action', async () => {
  const body = await make.change({ expiry: far() });
  assert.equal(await refused(api.modifyAction(randomUUID(), body), 404), undefined);
  assert.equal(await refused(api.cancelAction(randomUUID(), body), 404), undefined);
});

test('case 053 change of an instant action', async () => {
  const { id } = await make.take(await make.reward(), user);
  await errors(api.modifyAction(id, await make.change({ expiry: far() })));
  await errors(api.cancelAction(id, await make.change()));
});

test('case 054 cancel twice', async () => {
  await make.cancel(muted);
  await errors(api.cancelAction(muted.id, await make.change()));
});

test('case 082 the client gets the cancelled action', async () => {
  const answer = await api.cancelAction(muted.id, await make.change({ comment: 'c2' }));
  assert.ok(answer.wasSuccessful());
  assert.equal(answer.response.action.id, muted.id);
});
