// What an answer must look like: the client resolves with successes and rejects with refusals.
import assert from 'node:assert/strict';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

// A success with a body; gives the body back.
export async function ok(promise, status = 200) {
  const answer = await settled(promise);
  assert.equal(answer.statusCode, status, told(answer));
  assert.ok(answer.wasSuccessful());
  assert.equal(typeof answer.response, 'object', told(answer));
  return answer.response;
}

// A success without a body, which the client did not try to parse.
export async function empty(promise, status = 200) {
  const answer = await settled(promise);
  assert.equal(answer.statusCode, status, told(answer));
  assert.equal(answer.response, undefined);
  assert.equal(answer.exception, undefined);
}

// A refusal; gives back what came with it, if anything did.
export async function refused(promise, status) {
  const answer = await settled(promise);
  assert.equal(answer.statusCode, status, told(answer));
  assert.equal(answer.wasSuccessful(), false);
  assert.equal(answer.response, undefined);
  return answer.exception;
}

// A refusal that blames exactly these fields; gives back the codes by field.
export async function fields(promise, ...keys) {
  const { fieldErrors } = await refused(promise, 400);
  assert.deepEqual(Object.keys(fieldErrors).sort(), [...keys].sort());
  const codes = ([key, errors]) => [key, errors.map((error) => error.code)];
  return Object.fromEntries(Object.entries(fieldErrors).map(codes));
}

// A refusal that blames exactly this field, with this prefix in front of its code.
export async function field(promise, key, prefix) {
  const codes = await fields(promise, key);
  if (prefix) assert.ok(codes[key].includes(prefix + key), JSON.stringify(codes));
}

// A refusal that blames anything at all.
export async function errors(promise) {
  const { fieldErrors = {}, generalErrors = [] } = await refused(promise, 400);
  assert.ok(Object.keys(fieldErrors).length + generalErrors.length > 0);
  return { fieldErrors, generalErrors };
}

export function isUuid(value) {
  assert.match(value, UUID);
}

export function ids(things) {
  return new Set(things.map((thing) => thing.id));
}

async function settled(promise) {
  try {
    return await promise;
  } catch (answer) {
    if (answer?.statusCode === undefined) throw answer.exception ?? answer;
    return answer;
  }
}

function told(answer) {
  return JSON.stringify(answer.exception ?? answer.response ?? null);
}
