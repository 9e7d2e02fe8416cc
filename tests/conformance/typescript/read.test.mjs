// Conformance cases 38 to 47: reading the actions taken on a user.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, test } from 'node:test';
import { send } from './support/client.mjs';
import { errors, ids, ok, refused } from './support/expect.mjs';
import { Make, past } from './support/make.mjs';

let make, api, five;
before(async () => {
  make = await Make.inDefaultTenant();
  api = make.api;
  five = await taken();
});

// The contract's five actions, taken on one user.
async function taken() {
  const [user, mute, ban] = [await make.user(), await make.mute(), await make.ban()];
  const active = await make.take(mute, user);
  const expired = await make.take(mute, user, { expiry: past() });
  const cancelled = await make.take(mute, user);
  await make.cancel(cancelled);
  const instant = await make.take(await make.reward(), user);
  const banned = await make.take(ban, user);
  return { user, active, expired, cancelled, instant, banned };
}

async function listed(promise, ...expected) {
  const answer = await ok(promise);
  assert.deepEqual(Object.keys(answer), ['actions']);
  assert.deepEqual(ids(answer.actions), ids(expected));
}

test('case 038 read what was taken', async () => {
  const { action } = await ok(api.retrieveAction(five.active.id));
  assert.deepEqual(action, five.active);
});

test('case 039 unknown action', async () => {
  assert.equal(await refused(api.retrieveAction(randomUUID()), 404), undefined);
});

test('case 040 user without actions', async () => {
  await listed(api.retrieveActions((await make.user()).id));
});

test('case 041 list of nobody', async () => {
  // The client writes `?userId=undefined`.
  await errors(api.retrieveActions(undefined));
});

test('case 042 active ones', async () => {
  await listed(api.retrieveActiveActions(five.user.id), five.active, five.banned);
});

test('case 043 inactive ones', async () => {
  const { expired, cancelled, instant } = five;
  await listed(api.retrieveInactiveActions(five.user.id), expired, cancelled, instant);
});

test('case 044 all of them', async () => {
  const { active, expired, cancelled, instant, banned } = five;
  const all = [active, expired, cancelled, instant, banned];
  await listed(api.retrieveActions(five.user.id), ...all);
});

test('case 045 preventing login', async () => {
  await listed(api.retrieveActionsPreventingLogin(five.user.id), five.banned);
});

test('case 046 preventing login false has no effect', async () => {
  const path = `/api/user/action?userId=${five.user.id}&preventingLogin=false`;
  const { actions } = await (await send('GET', path)).json();
  assert.equal(actions.length, 5);
});

test('case 047 active excludes preventing login', async () => {
  const path = `/api/user/action?userId=${five.user.id}&active=true&preventingLogin=true`;
  const answer = await send('GET', path);
  assert.equal(answer.status, 400);
  assert.equal(typeof (await answer.json()), 'object');
});
