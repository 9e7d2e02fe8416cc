// Conformance cases 23 and 24: reasons.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { empty, field, fields, ids, ok, refused } from './support/expect.mjs';
import { Make, unique } from './support/make.mjs';

let api;
before(async () => {
  ({ api } = await Make.inDefaultTenant());
});

const create = (userActionReason) => api.createUserActionReason(undefined, { userActionReason });

test('case 023 reason without code or text', async () => {
  await field(create({ text: unique('Text') }), 'userActionReason.code', '[blank]');
  await field(create({ code: unique('CODE') }), 'userActionReason.text', '[blank]');
  await fields(create({}), 'userActionReason.code', 'userActionReason.text');
});

test('case 024 a reason’s life', async () => {
  const wanted = { code: unique('CODE'), text: unique('Text'), localizedTexts: { eo: 'Kialo' } };
  const { userActionReason: made } = await ok(create(wanted));
  assert.deepEqual({ ...made, ...wanted }, made);
  assert.deepEqual((await ok(api.retrieveUserActionReason(made.id))).userActionReason, made);
  assert.ok(ids((await ok(api.retrieveUserActionReasons())).userActionReasons).has(made.id));

  const put = { code: wanted.code, text: unique('Other') };
  const updated = await ok(api.updateUserActionReason(made.id, { userActionReason: put }));
  assert.equal(updated.userActionReason.text, put.text);
  assert.equal(updated.userActionReason.localizedTexts, undefined);

  const code = unique('OTHER');
  const patched = await ok(api.patchUserActionReason(made.id, { userActionReason: { code } }));
  assert.equal(patched.userActionReason.code, code);
  assert.equal(patched.userActionReason.text, put.text);

  await empty(api.deleteUserActionReason(made.id));
  await refused(api.retrieveUserActionReason(made.id), 404);
});
