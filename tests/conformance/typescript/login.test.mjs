// Conformance cases 70 to 80 and 95: logins, and actions that prevent them.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { inNoTenant } from './support/client.mjs';
import { empty, field, isUuid, ok, refused } from './support/expect.mjs';
import { Make, past, uniqueEmail } from './support/make.mjs';

const WRONG = { password: 'wrong password' };

let make, api;
before(async () => {
  make = await Make.inDefaultTenant();
  api = make.api;
});

test('case 070 login of a banned user', async () => {
  const [user, ban] = [await make.user(), await make.ban()];
  const { expiry, actionerUserId } = await make.take(ban, user);
  const { actions } = await refused(make.login(user), 409);
  assert.equal(actions.length, 1);
  isUuid(actions[0].actionId);
  assert.equal(actions[0].name, ban.name);
  assert.equal(actions[0].expiry, expiry);
  assert.equal(actions[0].actionerUserId, actionerUserId);
});

test('case 071 login after the ban was cancelled', async () => {
  const user = await make.user();
  const ban = await make.take(await make.ban(), user);
  await refused(make.login(user), 409);
  await make.cancel(ban);
  assert.equal((await ok(make.login(user))).user.id, user.id);
});

test('case 072 login after the ban expired', async () => {
  const user = await make.user();
  await make.take(await make.ban(), user, { expiry: past() });
  await ok(make.login(user));
});

test('case 073 login of a muted user', async () => {
  const user = await make.user();
  await make.take(await make.mute(), user);
  await ok(make.login(user));
});

test('case 074 ban from one application', async () => {
  const user = await make.user();
  const [a1, a2] = [await make.application(), await make.application()];
  await make.register(user, a1);
  await make.take(await make.ban(), user, { applicationIds: [a1.id] });
  await refused(make.login(user, { applicationId: a1.id }), 409);
  await ok(make.login(user, { applicationId: a2.id }), 202);
});

test('case 075 login of a deactivated user', async () => {
  const user = await make.user();
  await empty(api.deactivateUser(user.id));
  assert.equal(await refused(make.login(user), 423), undefined);
  assert.equal(await refused(make.login(user, WRONG), 423), undefined);
});

test('case 076 login of an expired user', async () => {
  const user = await make.user({ expiry: past() });
  assert.equal(await refused(make.login(user), 410), undefined);
});

test('case 077 wrong password and unknown user', async () => {
  const user = await make.user();
  assert.equal(await refused(make.login(user, WRONG), 404), undefined);
  assert.equal(await refused(make.login(user, { loginId: uniqueEmail() }), 404), undefined);
});

test('case 078 blank login id', async () => {
  await field(api.login({ loginId: ' ', ...WRONG }), 'loginId', '[blank]');
});

test('case 079 login without a key', async () => {
  const { email, password } = await make.user();
  await refused(inNoTenant(null).login({ loginId: email, password }), 401);
});

test('case 080 ping with an undefined address', async () => {
  const [user, application] = [await make.user(), await make.application()];
  await make.register(user, application);
  // The client writes `?ipAddress=undefined`.
  await empty(api.loginPing(user.id, application.id, undefined));
});

test('case 095 lockout', async () => {
  const own = await Make.inNewTenant();
  const [user, ban] = [await own.user(), await own.ban()];
  const failedAuthenticationConfiguration = { userActionId: ban.id, tooManyAttempts: 2 };
  await ok(own.api.patchTenant(own.tenantId, { tenant: { failedAuthenticationConfiguration } }));
  await refused(own.login(user, WRONG), 404);
  await refused(own.login(user, WRONG), 404);
  await refused(own.login(user), 409);
  const { actions } = await ok(own.api.retrieveActions(user.id));
  assert.equal(actions.length, 1);
  assert.equal(actions[0].actionerUserId, undefined);
});
