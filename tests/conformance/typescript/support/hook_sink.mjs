// An endpoint for webhooks that keeps what it is sent, and answers each path as a test wishes.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { ok } from './expect.mjs';
import { until } from './until.mjs';

export class HookSink {
  #answers = new Map();
  #server = createServer((request, response) => this.#hear(request, response));

  // Oldest first: where to, with which headers and bytes, and the event in them.
  calls = [];

  static async start() {
    const sink = new HookSink();
    sink.#server.listen(0, '127.0.0.1');
    await once(sink.#server, 'listening');
    return sink;
  }

  url(path) {
    return `http://127.0.0.1:${this.#server.address().port}${path}`;
  }

  // From now on the path is answered with this status; with none it is not answered at all.
  answer(path, status) {
    this.#answers.set(path, status);
  }

  // The calls that told of this phase of the action until now.
  of(phase, action, path = '/hook') {
    return this.about(action).filter((call) => call.event.phase === phase && call.path === path);
  }

  // The calls that told of the action until now, in any phase.
  about(action) {
    return this.calls.filter((call) => call.event.actionId === action.id);
  }

  // The call that tells of this phase of the action, as soon as it has come.
  async waitFor(phase, action, path = '/hook') {
    const come = () => this.of(phase, action, path)[0];
    return until(come, `the ${phase} of ${action.id} at ${path}`);
  }

  stop() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #hear(request, response) {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    const body = Buffer.concat(pieces);
    const { url: path, headers } = request;
    this.calls.push({ path, headers, body, event: JSON.parse(body).event });
    const status = this.#answers.has(path) ? this.#answers.get(path) : 200;
    if (status) response.writeHead(status).end();
  }
}

// The tenant of `make` tells of actions, if so many webhooks agree, or does not tell of them.
export async function tell(make, transactionType = 'None', enabled = true) {
  const events = { 'user.action': { enabled, transactionType } };
  const tenant = { eventConfiguration: { events } };
  await ok(make.api.patchTenant(make.tenantId, { tenant }));
}

// A webhook at this path of the sink, for the tenant of `make` unless told otherwise.
export async function hook(make, sink, path = '/hook', fields = {}) {
  const wanted = {
    url: sink.url(path),
    connectTimeout: 5000,
    readTimeout: 5000,
    tenantIds: fields.global ? [] : [make.tenantId],
    eventsEnabled: { 'user.action': true },
    ...fields,
  };
  return (await ok(make.api.createWebhook(undefined, { webhook: wanted }))).webhook;
}
