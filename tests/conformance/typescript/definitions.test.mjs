// Conformance cases 1 to 22: keys, and definitions of actions.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, test } from 'node:test';
import { inNoTenant, send } from './support/client.mjs';
import { empty, errors, field, fields, ids, isUuid, ok, refused } from './support/expect.mjs';
import { Make, past, unique } from './support/make.mjs';

let make, api;
before(async () => {
  make = await Make.inDefaultTenant();
  api = make.api;
});

const create = (userAction, id) => api.createUserAction(id, { userAction });

test('case 001 without authorization', async () => {
  const stranger = inNoTenant(null);
  assert.equal(await refused(stranger.retrieveUserActions(), 401), undefined);
  assert.equal(await refused(stranger.retrieveActions(randomUUID()), 401), undefined);
});

test('case 002 wrong key, expired key, key lacking the method', async () => {
  await refused(inNoTenant('wrong').retrieveUserActions(), 401);
  const { key: expired } = await make.apiKey({ expirationInstant: past() });
  await refused(inNoTenant(expired).retrieveUserActions(), 401);
  const permissions = { endpoints: { '/api/user-action': ['GET'] } };
  const { key: reader } = await make.apiKey({ permissions });
  await ok(inNoTenant(reader).retrieveUserActions());
  const wanted = { userAction: { name: unique('X') } };
  await refused(inNoTenant(reader).createUserAction(undefined, wanted), 401);
});

test('case 003 defaults of a new definition', async () => {
  const name = unique('X');
  const { userAction: made } = await ok(create({ name }));
  isUuid(made.id);
  assert.equal(made.name, name);
  assert.equal(made.active, true);
  assert.equal(made.temporal, false);
  assert.equal(made.preventLogin, false);
  assert.deepEqual(made.options, []);
  assert.equal(made.transactionType, 'None');
  assert.equal(made.insertInstant, made.lastUpdateInstant);
});

test('case 004 end event is sent by default', async () => {
  const { userAction } = await ok(create({ name: unique('X') }));
  assert.equal(userAction.sendEndEvent, true);
});

test('case 005 definition with a chosen id', async () => {
  const chosen = randomUUID();
  const { userAction } = await ok(create({ name: unique('X') }, chosen));
  assert.equal(userAction.id, chosen);
});

test('case 006 chosen id that is taken', async () => {
  const taken = await make.definition();
  await field(create({ name: unique('Y') }, taken.id), 'userActionId');
});

test('case 007 blank name', async () => {
  await field(create({ name: '  ' }), 'userAction.name', '[blank]');
});

test('case 008 duplicate name', async () => {
  const { name } = await make.definition();
  await field(create({ name }), 'userAction.name', '[duplicate]');
});

test('case 009 prevent login needs time', async () => {
  const wanted = { name: unique('X'), preventLogin: true, temporal: false };
  await field(create(wanted), 'userAction.preventLogin');
});

test('case 010 temporal emailing needs four templates', async () => {
  const phases = ['start', 'modify', 'cancel', 'end'];
  const keys = phases.map((phase) => `userAction.${phase}EmailTemplateId`);
  await fields(create({ name: unique('X'), userEmailingEnabled: true, temporal: true }), ...keys);
});

test('case 011 instant emailing needs the start template', async () => {
  const { id } = await make.template();
  const wanted = { name: unique('X'), userEmailingEnabled: true, startEmailTemplateId: id };
  const { userAction } = await ok(create(wanted));
  assert.equal(userAction.startEmailTemplateId, id);
});

test('case 012 unknown template', async () => {
  const startEmailTemplateId = randomUUID();
  const wanted = { name: unique('X'), userEmailingEnabled: true, startEmailTemplateId };
  await field(create(wanted), 'userAction.startEmailTemplateId');
});

test('case 013 option with a blank name', async () => {
  const wanted = { name: unique('X'), options: [{ name: '' }] };
  await field(create(wanted), 'userAction.options[0].name');
});

test('case 014 empty body', async () => {
  // `undefined` has no JSON text: the client sends the content type and nothing else.
  const { generalErrors } = await errors(api.createUserAction(undefined, undefined));
  assert.ok(generalErrors.some((error) => error.code.startsWith('[missing]')));
});

test('case 015 soft-deleted definition', async () => {
  const { id } = await make.definition();
  await empty(api.deactivateUserAction(id));
  const active = (await ok(api.retrieveUserActions())).userActions;
  assert.ok(!ids(active).has(id));
  assert.ok(active.every((definition) => definition.active));
  const inactive = (await ok(api.retrieveInactiveUserActions())).userActions;
  assert.ok(ids(inactive).has(id));
  assert.ok(inactive.every((definition) => !definition.active));
  assert.equal((await ok(api.retrieveUserAction(id))).userAction.active, false);
});

test('case 016 unknown definition', async () => {
  assert.equal(await refused(api.retrieveUserAction(randomUUID()), 404), undefined);
});

test('case 017 delete then reactivate', async () => {
  const { id } = await make.definition();
  await empty(api.deactivateUserAction(id));
  assert.equal((await ok(api.reactivateUserAction(id))).userAction.active, true);
});

test('case 018 hard delete', async () => {
  const mute = await make.mute();
  const action = await make.take(mute, await make.user());
  await empty(api.deleteUserAction(mute.id));
  await refused(api.retrieveUserAction(mute.id), 404);
  await refused(api.retrieveAction(action.id), 404);
});

test('case 019 put without localized names', async () => {
  const before = await make.mute({ localizedNames: { eo: 'Silentigi' } });
  const wanted = { userAction: { name: before.name, temporal: true } };
  const { userAction: after } = await ok(api.updateUserAction(before.id, wanted));
  assert.equal(after.localizedNames, undefined);
  assert.equal(after.id, before.id);
  assert.equal(after.insertInstant, before.insertInstant);
  assert.ok(after.lastUpdateInstant >= before.lastUpdateInstant);
});

function onlyTheNameChanged(before, after, name) {
  assert.ok(after.lastUpdateInstant >= before.lastUpdateInstant);
  assert.deepEqual(after, { ...before, name, lastUpdateInstant: after.lastUpdateInstant });
}

test('case 020 patch of the name', async () => {
  const before = await make.reward({ localizedNames: { eo: 'Premio' }, sendEndEvent: false });
  const name = unique('New');
  const { userAction } = await ok(api.patchUserAction(before.id, { userAction: { name } }));
  onlyTheNameChanged(before, userAction, name);
});

test('case 021 post with the method override', async () => {
  const before = await make.ban();
  const name = unique('New');
  const answer = await send('POST', `/api/user-action/${before.id}`, {
    body: JSON.stringify({ userAction: { name } }),
    headers: { 'Content-Type': 'application/json', 'X-HTTP-Method-Override': 'PATCH' },
  });
  assert.equal(answer.status, 200);
  onlyTheNameChanged(before, (await answer.json()).userAction, name);
});

test('case 022 an empty id leaves a trailing slash', async () => {
  const name = unique('X');
  const { userAction } = await ok(create({ name }, ''));
  isUuid(userAction.id);
  assert.equal(userAction.name, name);
});

test('case 083 deactivation resolves although there is no body', async () => {
  const { id } = await make.definition();
  const answer = await api.deactivateUserAction(id);
  assert.equal(answer.statusCode, 200);
  assert.equal(answer.response, undefined);
});
