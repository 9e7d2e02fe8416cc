// Every conformance case that this suite owes has a test that carries its number.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';

test('every case has a test', () => {
  const here = new URL('.', import.meta.url);
  const sources = readdirSync(here).filter((name) => name.endsWith('.test.mjs'));
  const text = sources.map((name) => readFileSync(new URL(name, here), 'utf8')).join('\n');
  const covered = new Set([...text.matchAll(/test\(['`]case (\d{3}) /g)].map((found) => +found[1]));
  const owed = Array.from({ length: 95 }, (_, index) => index + 1);
  assert.deepEqual([...covered].sort((a, b) => a - b), owed);
});
