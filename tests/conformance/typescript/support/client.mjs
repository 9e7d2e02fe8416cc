// The official client, as its users get it, and plain HTTP for what it cannot send.
import { createRequire } from 'node:module';

// The client is a CommonJS package: `require` finds it in NODE_PATH too, where `import` does not.
const { FusionAuthClient } = createRequire(import.meta.url)('@fusionauth/typescript-client');

export const BASE_URL = required('DOCKET_URL');
export const KEY = required('DOCKET_API_KEY');

function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: it says which server to test`);
  return value;
}

// The tests make tenants, so that every caller names its own. Clients send the tenant's header
// with every request once it is set, also where only global keys are allowed.
export async function inDefaultTenant(key = KEY) {
  const { tenants } = (await new FusionAuthClient(KEY, BASE_URL).retrieveTenants()).response;
  return inTenant(tenants.find((tenant) => tenant.name === 'Default').id, key);
}

export function inTenant(tenantId, key = KEY) {
  return new FusionAuthClient(key, BASE_URL, tenantId);
}

export function inNoTenant(key = KEY) {
  return new FusionAuthClient(key, BASE_URL);
}

// One request exactly as written, with the super key unless the headers say otherwise.
export function send(method, path, { body, headers = {} } = {}) {
  const own = { Authorization: KEY, ...headers };
  return fetch(BASE_URL + path, { method, body, headers: own });
}
