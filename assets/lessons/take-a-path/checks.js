export const runs = [6, 12, 20, 11, 17, 18].map((hour) => ({ given: { hour } }));

const greetings = ['Good morning', 'Good afternoon', 'Good evening'];

const greetingAt = (hour) => greetings[hour < 12 ? 0 : hour < 18 ? 1 : 2];

// The mistakes that only the code tells apart; undefined when it shows none of them.
const slip = (code, greeting) => {
  if (!/\bhour\b/.test(code) || /\b(const|let|var)\s+hour\b/.test(code)) return 'fixed';
  if (/\bhour\s*=>/.test(code)) return 'arrow';
  if (/\bhour\s*=(?!=)/.test(code)) return 'stores';
  if (/\bif\s*\([^()]*\)\s*;/.test(code)) return 'semicolon';
  if (/[<>]=?\s*hour\s*[<>]/.test(code)) return 'chain';
  if ((code.match(/\b(const|let|var)\s+greeting\b/g) ?? []).length > 1) return 'inner';
  const stored = code.match(/\bgreeting\s*=(?!=)/g) ?? [];
  if (greeting === greetings[0] && stored.length < 2 && /\bif\b/.test(code)) return 'unset';
  return undefined;
};

export const checks = {
  known(t) {
    const greeting = t.value('greeting');
    if (greeting === undefined || greeting === '') t.fail('nothing');
    t.ok(greetings.includes(greeting), 'other');
  },
  right(t) {
    const greeting = t.value('greeting');
    const { hour } = t.given;
    const wanted = greetingAt(hour);
    if (greeting === wanted) return;
    const values = { expected: wanted, actual: greeting };
    const found = slip(t.bare, greeting);
    if (found) t.fail(found, values);
    if (hour === 6) t.fail((t.bare.match(/\bif\b/g) ?? []).length > 1 ? 'later' : 'rest', values);
    if (hour === 20) t.fail('order', values);
    if (hour === 12 && !/\b1[12]\b/.test(t.bare)) t.fail('noon', values);
    t.fail('border', values);
  },
};
