// Conformance cases 89 and 90: the mails of actions.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ok } from './support/expect.mjs';
import { tell } from './support/hook_sink.mjs';
import { MailSink } from './support/mail_sink.mjs';
import { Make, unique } from './support/make.mjs';
import { until } from './support/until.mjs';

let make, sink;
before(async () => {
  make = await Make.inNewTenant();
  sink = await MailSink.start();
  await sink.serve(make);
  await tell(make);
});
after(() => sink.stop());

// A kind of action that is told by mail in every phase.
async function mailed(template, fields = {}) {
  const { id } = await make.template(template);
  const phases = ['start', 'modify', 'cancel', 'end'];
  const templates = Object.fromEntries(phases.map((phase) => [`${phase}EmailTemplateId`, id]));
  return make.mute({ userEmailingEnabled: true, ...templates, ...fields });
}

test('case 089 a mail in the language of the user', async () => {
  const kind = await mailed(
    {
      defaultSubject: 'Muted, ${user.firstName}',
      localizedSubjects: { eo: 'Sciigo, ${user.firstName}' },
      defaultTextTemplate: '${event.phase}: ${event.comment}',
    },
    { includeEmailInEventJSON: true },
  );
  const user = await make.user({ firstName: 'Ada', preferredLanguages: ['eo', 'en'] });
  const { event, id } = await make.broadcast(kind, user, {
    emailUser: true,
    comment: 'Too loud',
  });
  assert.equal(event.emailedUser, true);
  assert.ok(Array.isArray(event.email.to));
  assert.equal(event.email.to[0].address, user.email);
  assert.equal(event.email.subject, 'Sciigo, Ada');
  await sink.waitFor(1);
  // A second one that comes later shows that the first came once.
  const expiry = Date.now() + 7_200_000;
  const change = await make.change({ emailUser: true, comment: 'Still', expiry });
  await ok(make.api.modifyAction(id, change));
  const [first, second] = await sink.waitFor(2);
  assert.equal(sink.letters.length, 2);
  assert.equal(first.subject, 'Sciigo, Ada');
  assert.ok(first.to.includes(user.email), first.to);
  assert.ok(first.text.includes('start: Too loud'), first.text);
  assert.ok(second.text.includes('modify: Still'), second.text);
});

test('case 090 a template that cannot be filled', async () => {
  const letters = sink.letters.length;
  const name = unique('Broken');
  const kind = await mailed({ name, defaultTextTemplate: '${nobody.name}' });
  const action = await make.broadcast(kind, await make.user(), { emailUser: true });
  const search = { type: 'Error', message: `*${name}*` };
  const { eventLogs } = await until(async () => {
    const found = await ok(make.api.searchEventLogs({ search }));
    return found.total > 0 && found;
  }, 'the entry in the event log');
  assert.equal(eventLogs.length, 1);
  assert.ok(eventLogs[0].message.includes('nobody'));
  assert.ok(eventLogs[0].message.includes(action.id));
  assert.equal(sink.letters.length, letters);
});
