// Conformance cases 25 to 37: taking an action on a user.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, test } from 'node:test';
import { send } from './support/client.mjs';
import { empty, field, fields, ids, isUuid, ok } from './support/expect.mjs';
import { INDEFINITE, Make, far, past } from './support/make.mjs';

let make, api;
before(async () => {
  make = await Make.inDefaultTenant();
  api = make.api;
});

test('case 025 take mute with expiry, comment, reason', async () => {
  const [mute, reason, user] = [await make.mute(), await make.reason(), await make.user()];
  const expiry = far();
  const action = await make.take(mute, user, { expiry, comment: 'c1', reasonId: reason.id });
  isUuid(action.id);
  assert.ok(Number.isInteger(action.insertInstant));
  assert.equal(action.expiry, expiry);
  assert.equal(action.comment, 'c1');
  assert.equal(action.reasonCode, reason.code);
  assert.equal(action.name, mute.name);
  assert.deepEqual(action.applicationIds, []);
  assert.equal(action.history, undefined);
});

test('case 026 temporal without expiry', async () => {
  const body = await make.request(await make.mute(), await make.user(), { expiry: undefined });
  await field(api.actionUser(body), 'action.expiry', '[missing]');
});

test('case 027 instant with an option', async () => {
  const user = await make.user({ preferredLanguages: ['eo', 'en'] });
  const action = await make.take(await make.reward(), user, { option: 'Gold' });
  assert.equal(action.expiry, undefined);
  assert.equal(action.option, 'Gold');
  assert.equal(action.localizedOption, 'Oro');
});

test('case 028 option that is none', async () => {
  const body = await make.request(await make.reward(), await make.user(), { option: 'Bronze' });
  await field(api.actionUser(body), 'action.option', '[invalid]');
});

test('case 029 something required is missing', async () => {
  const [reward, user] = [await make.reward(), await make.user()];
  for (const name of ['actioneeUserId', 'actionerUserId', 'userActionId']) {
    const body = await make.request(reward, user, { [name]: undefined });
    await fields(api.actionUser(body), `action.${name}`);
  }
});

test('case 030 unknown actionee', async () => {
  const body = await make.request(await make.mute(), { id: randomUUID() });
  await field(api.actionUser(body), 'action.actioneeUserId', '[invalid]');
});

test('case 031 soft-deleted definition', async () => {
  const mute = await make.mute();
  await empty(api.deactivateUserAction(mute.id));
  await field(api.actionUser(await make.request(mute, await make.user())), 'action.userActionId');
});

test('case 032 unknown reason', async () => {
  const body = await make.request(await make.mute(), await make.user(), { reasonId: randomUUID() });
  await field(api.actionUser(body), 'action.reasonId');
});

// A JavaScript number cannot hold the indefinite expiry: cases 33 and 34 meet in what it sends.
async function assertIndefinite(action) {
  assert.equal(action.expiry, Number(INDEFINITE));
  const answer = await send('GET', `/api/user/action/${action.id}`);
  const text = (await answer.text()).replaceAll(' ', '');
  assert.ok(text.includes(`"expiry":${INDEFINITE}`), text);
  const { actions } = await ok(api.retrieveActiveActions(action.actioneeUserId));
  assert.ok(ids(actions).has(action.id));
}

test('case 033 indefinite, written exactly', async () => {
  const body = await make.request(await make.mute(), await make.user(), { expiry: 'E' });
  const answer = await send('POST', '/api/user/action', {
    body: JSON.stringify(body).replace('"E"', String(INDEFINITE)),
    headers: { 'Content-Type': 'application/json' },
  });
  assert.equal(answer.status, 200);
  await assertIndefinite((await answer.json()).action);
});

test('case 034 indefinite, as the client writes it', async () => {
  const expiry = Number(INDEFINITE);
  assert.equal(JSON.stringify(expiry), '9223372036854776000');
  await assertIndefinite(await make.take(await make.mute(), await make.user(), { expiry }));
});

test('case 035 temporal in the past', async () => {
  const user = await make.user();
  const { id } = await make.take(await make.mute(), user, { expiry: past() });
  assert.deepEqual(ids((await ok(api.retrieveInactiveActions(user.id))).actions), new Set([id]));
  assert.deepEqual((await ok(api.retrieveActiveActions(user.id))).actions, []);
});

test('case 036 application ids are a set', async () => {
  const [a1, a2] = [(await make.application()).id, (await make.application()).id];
  const wanted = { applicationIds: [a2, a1, a1] };
  const { applicationIds } = await make.take(await make.ban(), await make.user(), wanted);
  assert.equal(applicationIds.length, 2);
  assert.deepEqual(new Set(applicationIds), new Set([a1, a2]));
});

test('case 037 email and notify are remembered', async () => {
  const wanted = { emailUser: true, notifyUser: true };
  const action = await make.take(await make.mute(), await make.user(), wanted);
  assert.equal(action.emailUserOnEnd, true);
  assert.equal(action.notifyUserOnEnd, true);
});
