export const checks = {
  hello(t) { t.equal(t.result, 'hello', t.result === undefined ? 'nothing' : undefined); },
};
