const game = () => [
  { name: 'Ada', points: 9 },
  { name: 'Bo', points: 100 },
  { name: 'Cy', points: 30 },
  { name: 'Di', points: 10 },
];
const quiz = () => [
  { name: 'Eli', points: 2 },
  { name: 'Fay', points: 7 },
  { name: 'Gus', points: 11 },
  { name: 'Hal', points: 5 },
  { name: 'Ivy', points: 20 },
];
const ties = () => [
  { name: 'Kim', points: 8 },
  { name: 'Lou', points: 3 },
  { name: 'Max', points: 8 },
  { name: 'Nia', points: 8 },
  { name: 'Oda', points: 3 },
];

export const checks = {
  names(t) {
    const podium = t.value('podium');
    t.ok(typeof podium === 'function', 'missing');
    const result = podium(game());
    t.ok(result !== undefined, 'nothing');
    const show = { expected: ['Bo', 'Cy', 'Di'], actual: result };
    if (!Array.isArray(result)) t.fail('kind', show);
    if (result.some((one) => typeof one === 'object' && one !== null)) t.fail('objects', show);
    if (result.length !== 3) t.fail('size', show);
    if (!result.every((one) => typeof one === 'string')) t.fail('kind', show);
  },
  order(t) {
    const podium = t.value('podium');
    const one = podium(game());
    const show = { expected: ['Bo', 'Cy', 'Di'], actual: one };
    if (String(one) === 'Ada,Bo,Cy') t.fail(/(^|[;{}\n])\s*players\s*\.\s*toSorted\b/.test(t.bare) ? 'unused' : 'unsorted', show);
    if (String(one) === 'Ada,Di,Cy') t.fail('lowest', show);
    if (String(one) === 'Di,Cy,Bo') t.fail('turned', show);
    if (String(podium(quiz())) === String(one)) t.fail('fixed', { expected: ['Ivy', 'Gus', 'Fay'], actual: one });
    t.equal(one, ['Bo', 'Cy', 'Di']);
    t.equal(podium(quiz()), ['Ivy', 'Gus', 'Fay']);
  },
  ties(t) {
    t.equal(t.value('podium')(ties()), ['Kim', 'Max', 'Nia']);
  },
  unchanged(t) {
    const players = game();
    t.value('podium')(players);
    t.equal(players, game(), 'changed');
  },
};
