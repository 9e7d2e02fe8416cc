// Conformance cases 55 to 59, 63 to 67 and 69: what webhooks are told, and what they may prevent.
// One file, for files may run side by side, and a global webhook has a say in every tenant.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isUuid, ok, refused } from './support/expect.mjs';
import { HookSink, hook, tell } from './support/hook_sink.mjs';
import { MailSink } from './support/mail_sink.mjs';
import { Make, far } from './support/make.mjs';

let make, api, sink;
before(async () => {
  make = await Make.inNewTenant();
  api = make.api;
  sink = await HookSink.start();
  await tell(make);
  await hook(make, sink);
});
after(() => sink.stop());

// A later event shows that nothing of this action was still under way.
async function assertNotTold(action, definition, user) {
  await sink.waitFor('start', await make.broadcast(definition, user));
  assert.deepEqual(sink.about(action), []);
}

test('case 055 a broadcast is told', async (t) => {
  const everywhere = await hook(make, sink, '/everywhere', { global: true });
  t.after(() => api.deleteWebhook(everywhere.id));
  const [mute, user, reason] = [await make.mute(), await make.user(), await make.reason()];
  const taken = await make.broadcast(mute, user, { comment: 'Too loud', reasonId: reason.id });
  const { event, headers } = await sink.waitFor('start', taken, '/everywhere');
  assert.match(headers['content-type'], /^application\/json/);
  assert.deepEqual(event, taken.event);
  isUuid(event.id);
  assert.equal(event.type, 'user.action');
  assert.equal(event.phase, 'start');
  assert.equal(event.tenantId, make.tenantId);
  assert.equal(event.actionId, taken.id);
  assert.equal(event.action, mute.name);
  assert.equal(event.actioneeUserId, user.id);
  assert.equal(event.linkedObjectId, user.id);
  assert.equal(event.actionerUserId, (await make.actioner()).id);
  assert.deepEqual(event.applicationIds, []);
  assert.equal(event.reasonCode, reason.code);
  assert.equal(event.expiry, taken.expiry);
  assert.ok(event.localizedDuration);
});

test('case 056 what is not broadcast is not told', async () => {
  const [mute, user] = [await make.mute(), await make.user()];
  for (const fields of [{}, { broadcast: false }]) {
    const body = { ...(await make.request(mute, user)), ...fields };
    const { action } = await ok(api.actionUser(body));
    assert.equal(action.event, undefined);
    await assertNotTold(action, mute, user);
  }
});

test('case 057 the tenant tells nobody', async () => {
  const other = await Make.inNewTenant();
  await tell(other, 'None', false);
  await hook(other, sink, '/quiet');
  const mute = await make.mute();
  const quiet = await other.broadcast(mute, await other.user());
  // Who is told is settled in the order of the commits, soon after them.
  await assertNotTold(quiet, mute, await make.user());
});

test('case 057 webhooks that hear something else', async () => {
  const other = await Make.inNewTenant();
  await hook(make, sink, '/off', { eventsEnabled: { 'user.action': false } });
  await hook(make, sink, '/nobodys', { tenantIds: [] });
  await hook(make, sink, '/others', { tenantIds: [other.tenantId] });
  const [mute, user] = [await make.mute(), await make.user()];
  const taken = await make.broadcast(mute, user);
  await sink.waitFor('start', taken);
  // The other tenant's webhook hears its own tenant later, and then had nothing of this one.
  await tell(other);
  const elsewhere = await other.broadcast(mute, await other.user());
  await sink.waitFor('start', elsewhere, '/others');
  assert.deepEqual(sink.about(taken).map((call) => call.path), ['/hook']);
  assert.deepEqual(sink.about(elsewhere).map((call) => call.path), ['/others']);
});

test('case 058 a modification and a cancellation are told', async () => {
  const taken = await make.broadcast(await make.mute(), await make.user(), { comment: 'c1' });
  const change = { ...(await make.change({ comment: 'c2', expiry: far() })), broadcast: true };
  const modified = (await ok(api.modifyAction(taken.id, change))).action;
  const { event: second } = await sink.waitFor('modify', taken);
  assert.deepEqual(second, modified.event);
  assert.equal(second.comment, 'c2');
  assert.equal(second.expiry, change.action.expiry);

  const last = { ...(await make.change({ comment: 'c3' })), broadcast: true };
  const cancelled = (await ok(api.cancelAction(taken.id, last))).action;
  const { event: third } = await sink.waitFor('cancel', taken);
  assert.deepEqual(third, cancelled.event);
  assert.equal(third.comment, 'c3');
  assert.equal(third.expiry, cancelled.expiry);
});

test('case 059 what does not last has no phase', async () => {
  const user = await make.user({ preferredLanguages: ['eo', 'en'] });
  const taken = await make.broadcast(await make.reward(), user, { option: 'Gold' });
  const { event } = await sink.waitFor(undefined, taken);
  assert.deepEqual(event, taken.event);
  for (const name of ['phase', 'expiry', 'localizedDuration']) assert.ok(!(name in event), name);
  assert.equal(event.localizedOption, 'Oro');
});

test('case 069 headers and basic authentication', async () => {
  await hook(make, sink, '/guarded', {
    headers: { 'X-Forum': 'yes' },
    httpAuthenticationUsername: 'ada',
    httpAuthenticationPassword: 'love:lace',
  });
  const taken = await make.broadcast(await make.mute(), await make.user());
  const { headers } = await sink.waitFor('start', taken, '/guarded');
  assert.equal(headers['x-forum'], 'yes');
  const pair = Buffer.from('ada:love:lace').toString('base64');
  assert.equal(headers.authorization, `Basic ${pair}`);
});

// --- transactions --------------------------------------------------------------------------------

// A new tenant that asks one webhook for each status, which is what that one will answer.
async function voting(transaction, ...statuses) {
  const own = await Make.inNewTenant();
  await tell(own, transaction);
  const paths = statuses.map((_, place) => `/${own.tenantId}/${place}`);
  for (const [place, path] of paths.entries()) {
    sink.answer(path, statuses[place]);
    await hook(own, sink, path);
  }
  return { own, paths, user: await own.user() };
}

async function take(own, definition, user, fields) {
  const body = await own.request(definition, user, fields);
  return own.api.actionUser({ ...body, broadcast: true });
}

const actions = async (own, user) => (await ok(own.api.retrieveActions(user.id))).actions;
const pathsOf = (calls) => calls.map((call) => call.path).sort();
const callsTo = (paths) => sink.calls.filter((call) => paths.includes(call.path));

async function assertRefused(promise) {
  const { generalErrors } = await refused(promise, 504);
  assert.equal(generalErrors[0].code, '[WebhookTransactionException]');
}

test('case 063 one of two prevents what all must agree to', async (t) => {
  const { own, paths, user } = await voting('AbsoluteMajority', 200, 500);
  const mails = await MailSink.start();
  t.after(() => mails.stop());
  await mails.serve(own);
  const { id } = await own.template();
  const phases = ['start', 'modify', 'cancel', 'end'];
  const templates = Object.fromEntries(phases.map((phase) => [`${phase}EmailTemplateId`, id]));
  const mute = await own.mute({ userEmailingEnabled: true, ...templates });
  await assertRefused(take(own, mute, user, { emailUser: true }));
  assert.deepEqual(pathsOf(callsTo(paths)), paths);
  assert.deepEqual(await actions(own, user), []);
  // A mail that comes later shows that none was still under way.
  sink.answer(paths[1], 200);
  const { action } = await ok(take(own, mute, user, { emailUser: true }));
  await mails.waitFor(1);
  assert.equal(mails.letters.length, 1);
  assert.deepEqual((await actions(own, user)).map((known) => known.id), [action.id]);
});

for (const transaction of ['Any', 'SimpleMajority']) {
  test(`case 064 one of two is enough: ${transaction}`, async () => {
    const { own, paths, user } = await voting(transaction, 200, 500);
    const { action } = await ok(take(own, await own.mute(), user));
    // Both were asked before the answer came.
    assert.deepEqual(pathsOf(sink.about(action)), paths);
    assert.equal((await actions(own, user)).length, 1);
  });
}

test('case 065 two of three are enough for a super majority', async () => {
  const { own, user } = await voting('SuperMajority', 200, 204, 500);
  await ok(take(own, await own.mute(), user));
});

test('case 065 one of three is too few for a simple majority', async () => {
  const { own, paths, user } = await voting('SimpleMajority', 200, 500, 302);
  await assertRefused(take(own, await own.mute(), user));
  assert.deepEqual(pathsOf(callsTo(paths)), paths);
  assert.deepEqual(await actions(own, user), []);
});

test('case 066 nobody is asked', async () => {
  const { own, paths, user } = await voting('None', 500);
  const { action } = await ok(take(own, await own.mute(), user));
  assert.deepEqual((await sink.waitFor('start', action, paths[0])).event, action.event);
});

test('case 067 too slow to agree', async () => {
  const { own, user } = await voting('AbsoluteMajority', 200);
  const slow = `/${own.tenantId}/slow`;
  sink.answer(slow, undefined);
  await hook(own, sink, slow, { readTimeout: 300 });
  await assertRefused(take(own, await own.mute(), user));
  assert.equal(callsTo([slow]).length, 1);
  assert.deepEqual(await actions(own, user), []);
});
