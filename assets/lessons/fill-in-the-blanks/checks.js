export const runs = [
  { given: { city: 'Lima', degrees: 19 } },
  { given: { city: 'Nuuk', degrees: -8 } },
  { given: { city: 'Cairo', degrees: 0 } },
];

const text = ({ city, degrees }) => `${city}: ${degrees} degrees`;

export const checks = {
  label(t) {
    const label = t.value('label');
    const wanted = text(t.given);
    if (typeof label !== 'string') t.fail('kind', { expected: wanted, actual: label });
    if (label.includes('${')) t.fail('quotes', { expected: wanted, actual: label });
    if (label.includes('{')) t.fail('dollar', { expected: wanted, actual: label });
    if (label.includes('$')) t.fail('brace', { expected: wanted, actual: label });
    if (/\b(const|let|var)\s+(city|degrees)\b/.test(t.bare)) t.fail('own', { expected: wanted, actual: label });
    if (t.run > 0 && label === text(runs[0].given)) t.fail('fixed', { expected: wanted, actual: label });
    t.equal(label, wanted, 'other');
  },
};
