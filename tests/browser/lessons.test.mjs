// The shipped lessons: in a real browser starters fail, solutions pass, wrong answers meet their sentence, code in prose is true.
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { command } from './site.mjs';

test('every shipped lesson behaves as its files say', { timeout: 3_600_000 }, async () => {
  const lessons = fileURLToPath(new URL('../../assets/lessons', import.meta.url));
  await command(['learn', 'check', lessons]);
});
