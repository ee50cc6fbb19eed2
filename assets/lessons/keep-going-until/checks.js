export const runs = [
  { given: { coins: 1, goal: 100 } },
  { given: { coins: 5, goal: 5 } },
  { given: { coins: 3, goal: 50 } },
  { given: { coins: 2, goal: 16 } },
];

const daysOf = ({ coins, goal }) => {
  let days = 0;
  for (let purse = coins; purse < goal; purse *= 2) days += 1;
  return days;
};

export const checks = {
  days(t) {
    const days = t.value('days');
    const wanted = daysOf(t.given);
    if (days === wanted) return;
    const values = { expected: wanted, actual: days };
    if (typeof days !== 'number' || Number.isNaN(days)) t.fail('kind', values);
    if (/\b(const|let|var)\s+(coins|goal)\b/.test(t.bare)) t.fail('own', values);
    if (t.run > 0 && days === daysOf(runs[0].given)) t.fail('fixed', values);
    if (wanted === 0) t.fail('border', values);
    if (days === 0) t.fail('never', values);
    if (days === 1) t.fail('once', values);
    if (days === wanted + 1) t.fail('more', values);
    if (days === wanted - 1) t.fail('less', values);
    t.fail('double', values);
  },
};
