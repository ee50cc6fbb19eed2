export const runs = [40, 12, 3, 6, 18, 5].map((age) => ({ given: { age } }));

const priceAt = (age) => (age < 6 ? 0 : age < 18 ? 4 : 8);

export const checks = {
  price(t) {
    const price = t.value('price');
    const { age } = t.given;
    const values = { expected: priceAt(age), actual: price };
    if (price === values.expected) return;
    if (!/\bage\b/.test(t.bare)) t.fail('fixed', values);
    if (age === 3 && price === 4) t.fail('small', values);
    t.fail(age === 6 || age === 18 ? 'border' : 'other', values);
  },
};
