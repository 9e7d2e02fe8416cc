// Whatever a test needs to exist first, made through the official client with names of its own.
import { randomUUID } from 'node:crypto';
import { inDefaultTenant, inNoTenant, inTenant } from './client.mjs';
import { ok } from './expect.mjs';

export const PASSWORD = 'a long enough password';
export const INDEFINITE = 9223372036854775807n;
export const HOUR = 3_600_000;

export const far = () => Date.now() + HOUR;
export const past = () => Date.now() - HOUR;
export const unique = (name) => `${name} ${randomUUID().replaceAll('-', '').slice(0, 16)}`;
export const uniqueEmail = () => `user-${randomUUID()}@example.com`;

// A caller in the name of one tenant, and the things it makes.
export class Make {
  #actioner;

  constructor(api) {
    this.api = api;
    this.tenantId = api.tenantId;
  }

  static async inDefaultTenant() {
    return new Make(await inDefaultTenant());
  }

  static async inNewTenant() {
    const wanted = { tenant: { name: unique('Tenant') } };
    const { tenant } = await ok(inNoTenant().createTenant(undefined, wanted));
    return new Make(inTenant(tenant.id));
  }

  // The user who takes actions here; the same throughout, for no test changes it.
  actioner() {
    this.#actioner ??= this.user();
    return this.#actioner;
  }

  async user(fields = {}) {
    const wanted = { email: uniqueEmail(), password: PASSWORD, ...fields };
    const { user } = await ok(this.api.createUser(undefined, { user: wanted }));
    return { ...user, password: wanted.password };
  }

  async application() {
    const wanted = { application: { name: unique('Application') } };
    return (await ok(this.api.createApplication(undefined, wanted))).application;
  }

  register(user, application) {
    return ok(this.api.register(user.id, { registration: { applicationId: application.id } }));
  }

  login(user, fields = {}) {
    return this.api.login({ loginId: user.email, password: user.password, ...fields });
  }

  async definition(name = 'Note', fields = {}) {
    const wanted = { userAction: { name: unique(name), ...fields } };
    return (await ok(this.api.createUserAction(undefined, wanted))).userAction;
  }

  // The contract's D1, D2 and D3.
  ban(fields = {}) {
    return this.definition('Ban', { temporal: true, preventLogin: true, ...fields });
  }

  mute(fields = {}) {
    return this.definition('Mute', { temporal: true, ...fields });
  }

  reward(fields = {}) {
    const options = [
      { name: 'Gold', localizedNames: { eo: 'Oro' } },
      { name: 'Silver', localizedNames: { eo: 'Arĝento' } },
    ];
    return this.definition('Reward', { options, ...fields });
  }

  // The contract's R1.
  async reason() {
    const localizedTexts = { eo: 'Rompis la regulojn' };
    const wanted = { code: unique('TOS'), text: unique('Broke the rules'), localizedTexts };
    const created = this.api.createUserActionReason(undefined, { userActionReason: wanted });
    return (await ok(created)).userActionReason;
  }

  async template(fields = {}) {
    const wanted = {
      name: unique('Template'),
      defaultSubject: 'Hello',
      defaultHtmlTemplate: '<p>Hello</p>',
      defaultTextTemplate: 'Hello',
      ...fields,
    };
    const created = this.api.createEmailTemplate(undefined, { emailTemplate: wanted });
    return (await ok(created)).emailTemplate;
  }

  async apiKey(fields = {}) {
    return (await ok(inNoTenant().createAPIKey(undefined, { apiKey: fields }))).apiKey;
  }

  // The body that takes an action; temporal ones last an hour unless told otherwise.
  async request(definition, actionee, fields = {}) {
    const action = {
      actioneeUserId: actionee.id,
      actionerUserId: (await this.actioner()).id,
      userActionId: definition.id,
    };
    if (definition.temporal) action.expiry = far();
    return { action: { ...action, ...fields } };
  }

  async take(definition, actionee, fields = {}) {
    return (await ok(this.api.actionUser(await this.request(definition, actionee, fields)))).action;
  }

  // The same, and whoever hears of it is told.
  async broadcast(definition, actionee, fields = {}) {
    const body = await this.request(definition, actionee, fields);
    return (await ok(this.api.actionUser({ ...body, broadcast: true }))).action;
  }

  // The body that modifies or cancels an action.
  async change(fields = {}) {
    return { action: { actionerUserId: (await this.actioner()).id, ...fields } };
  }

  async cancel(action, fields = {}) {
    return (await ok(this.api.cancelAction(action.id, await this.change(fields)))).action;
  }
}
