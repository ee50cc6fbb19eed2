const trip = () => [
  { title: 'Pack umbrella', done: true },
  { title: 'Return books', done: false },
  { title: 'Count coins', done: false },
  { title: 'Water plants', done: true },
  { title: 'Call Ada', done: false },
];
const home = () => [{ title: 'Tune guitar', done: false }, { title: 'Buy stamps', done: true }];
const open = ['Return books', 'Count coins', 'Call Ada'];

export const checks = {
  array(t) {
    const openTitles = t.value('openTitles');
    t.ok(typeof openTitles === 'function', 'missing');
    const result = openTitles(trip());
    t.ok(result !== undefined, 'nothing');
    if (!Array.isArray(result)) t.fail('kind', { expected: open, actual: result });
  },
  titles(t) {
    const openTitles = t.value('openTitles');
    const tasks = trip();
    const result = openTitles(tasks);
    const show = { expected: open, actual: result };
    if (tasks.some((task, i) => task.done !== trip()[i].done)) t.fail('assigned', show);
    if (result.length === 0) t.fail('none', show);
    if (result.includes(undefined)) t.fail('undefined', show);
    if (result.some((one) => typeof one === 'boolean')) t.fail('booleans', show);
    if (result.some((one) => typeof one === 'object')) t.fail('objects', show);
    if (String(result) === 'Pack umbrella,Water plants') t.fail('done', show);
    if (result.length === 5) t.fail('all', show);
    if (String(openTitles(home())) === String(result)) t.fail('fixed', { expected: ['Tune guitar'], actual: result });
    t.equal(result, open);
    t.equal(openTitles(home()), ['Tune guitar']);
  },
  empty(t) {
    t.equal(t.value('openTitles')([]), []);
    t.equal(t.value('openTitles')([{ title: 'Sleep', done: true }]), []);
  },
  unchanged(t) {
    const tasks = trip();
    t.value('openTitles')(tasks);
    t.equal(tasks, trip(), 'changed');
  },
};
