// Conformance cases 81, 84 to 88 and 91 to 94: languages, tenants, search, comments, bad bodies.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { inNoTenant, send } from './support/client.mjs';
import { field, ids, ok, refused } from './support/expect.mjs';
import { Make, unique } from './support/make.mjs';

let make, api;
before(async () => {
  make = await Make.inDefaultTenant();
  api = make.api;
});

// The client under a key of this tenant alone.
async function scoped(tenantId) {
  return inNoTenant((await make.apiKey({ tenantId })).key);
}

test('case 081 reason in the actionee’s language', async () => {
  const [mute, reason] = [await make.mute(), await make.reason()];
  const reader = await make.user({ preferredLanguages: ['eo'] });
  const wanted = { reasonId: reason.id };
  assert.equal((await make.take(mute, reader, wanted)).localizedReason, 'Rompis la regulojn');
  assert.equal((await make.take(mute, await make.user(), wanted)).localizedReason, reason.text);
});

test('case 084 action of another tenant', async () => {
  const action = await make.take(await make.mute(), await make.user());
  const other = await Make.inNewTenant();
  assert.equal(await refused(other.api.retrieveAction(action.id), 404), undefined);
  await refused((await scoped(other.tenantId)).retrieveAction(action.id), 404);
});

test('case 085 tenant’s own key takes an action', async () => {
  const body = await make.request(await make.mute(), await make.user());
  const { action } = await ok((await scoped(make.tenantId)).actionUser(body));
  assert.equal(action.actioneeUserId, body.action.actioneeUserId);
});

test('case 086 tenant’s own key on definitions', async () => {
  const own = await scoped(make.tenantId);
  assert.equal(await refused(own.retrieveUserActions(), 401), undefined);
  const wanted = { userAction: { name: unique('X') } };
  assert.equal(await refused(own.createUserAction(undefined, wanted), 401), undefined);
});

test('case 087 webhook search with undefined parameters', async () => {
  const found = await ok(api.searchWebhooksByParameters('d'));
  assert.deepEqual(Object.keys(found).sort(), ['total', 'webhooks']);
  assert.ok(Number.isInteger(found.total));
  assert.ok(Array.isArray(found.webhooks));
});

test('case 088 dry run of a bulk delete', async () => {
  const userIds = [(await make.user()).id, (await make.user()).id];
  const told = await ok(api.deleteUsersByQuery({ userIds, dryRun: true }));
  assert.equal(told.dryRun, true);
  assert.equal(told.total, 2);
  assert.deepEqual(new Set(told.userIds), new Set(userIds));
  for (const id of userIds) assert.equal((await ok(api.retrieveUser(id))).user.active, true);
});

test('case 088 bulk delete by repeated parameters', async () => {
  const userIds = [(await make.user()).id, (await make.user()).id];
  assert.equal((await ok(api.deactivateUsersByIds(userIds))).total, 2);
  for (const id of userIds) assert.equal((await ok(api.retrieveUser(id))).user.active, false);
});

test('case 091 comment on a user', async () => {
  const [user, commenter] = [await make.user(), await make.actioner()];
  const wanted = { userId: user.id, commenterId: commenter.id, comment: 'Be kind' };
  const { userComment } = await ok(api.commentOnUser({ userComment: wanted }));
  const { userComments } = await ok(api.retrieveUserComments(user.id));
  assert.deepEqual(ids(userComments), new Set([userComment.id]));
  assert.equal(userComments[0].comment, 'Be kind');
  assert.ok(Number.isInteger(userComments[0].insertInstant));
});

test('case 092 path id that is no uuid', async () => {
  await field(api.retrieveUser('xyz'), 'userId', '[couldNotConvert]');
});

test('case 093 malformed json', async () => {
  const headers = { 'Content-Type': 'application/json' };
  const answer = await send('POST', '/api/user/action', { body: '{"action":', headers });
  assert.equal(answer.status, 400);
  const { generalErrors = [], fieldErrors = {} } = await answer.json();
  assert.ok(generalErrors.length + Object.keys(fieldErrors).length > 0);
});

test('case 094 unknown fields are ignored', async () => {
  const body = await make.request(await make.mute(), await make.user(), { unheardOf: { of: 1 } });
  const { action } = await ok(api.actionUser({ ...body, another: [1] }));
  assert.equal(action.unheardOf, undefined);
});
