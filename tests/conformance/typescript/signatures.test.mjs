// Conformance case 68: what webhooks are sent is signed.
import assert from 'node:assert/strict';
import { createHash, createHmac, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { after, before, test } from 'node:test';
import { inNoTenant } from './support/client.mjs';
import { ok } from './support/expect.mjs';
import { HookSink, hook, tell } from './support/hook_sink.mjs';
import { Make, unique } from './support/make.mjs';

let make, sink;
before(async () => {
  make = await Make.inNewTenant();
  sink = await HookSink.start();
  await tell(make);
});
after(() => sink.stop());

const part = (text) => JSON.parse(Buffer.from(text, 'base64url'));

// How each kind of key says that a signature is its own.
const checks = {
  HS256: (message, signature, secret) =>
    createHmac('sha256', secret).update(message).digest().equals(signature),
  RS256: (message, signature, pem) => verify('sha256', message, createPublicKey(pem), signature),
  ES256: (message, signature, pem) => {
    const key = { key: createPublicKey(pem), dsaEncoding: 'ieee-p1363' };
    return verify('sha256', message, key, signature);
  },
  Ed25519: (message, signature, pem) => verify(null, message, createPublicKey(pem), signature),
};

async function assertSignedBy(key, verifier) {
  const path = `/${key.algorithm}/${key.id}`;
  const signatureConfiguration = { enabled: true, signingKeyId: key.id };
  await hook(make, sink, path, { signatureConfiguration });
  const taken = await make.broadcast(await make.mute(), await make.user(), { comment: 'Laŭta' });
  const { headers, body } = await sink.waitFor('start', taken, path);
  const [header, claims, signature] = headers['x-fusionauth-signature-jwt'].split('.');
  assert.equal(part(header).alg, key.algorithm === 'Ed25519' ? 'EdDSA' : key.algorithm);
  assert.equal(part(header).kid, key.kid);
  const hash = createHash('sha256').update(body).digest('base64');
  assert.equal(part(claims).request_body_sha256, hash);
  const message = Buffer.from(`${header}.${claims}`);
  assert.ok(checks[key.algorithm](message, Buffer.from(signature, 'base64url'), verifier));
}

for (const algorithm of Object.keys(checks)) {
  test(`case 068 signed by a key that was made here: ${algorithm}`, async () => {
    const wanted = { name: unique('Key'), algorithm };
    if (algorithm === 'RS256') wanted.length = 2048;
    const { key } = await ok(inNoTenant().generateKey(undefined, { key: wanted }));
    await assertSignedBy(key, key.secret ?? key.publicKey);
  });
}

test('case 068 signed by keys that were brought', async () => {
  const bring = async (fields) => {
    const wanted = { name: unique('Key'), ...fields };
    return (await ok(inNoTenant().importKey(undefined, { key: wanted }))).key;
  };
  const secret = unique('ŝlosilo');
  await assertSignedBy(await bring({ algorithm: 'HS256', secret }), secret);
  const encodings = {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  };
  for (const [algorithm, kind, options] of [
    ['RS256', 'rsa', { modulusLength: 2048 }],
    ['ES256', 'ec', { namedCurve: 'P-256' }],
    ['Ed25519', 'ed25519', {}],
  ]) {
    const pair = generateKeyPairSync(kind, { ...options, ...encodings });
    await assertSignedBy(await bring({ algorithm, ...pair }), pair.publicKey);
  }
});
