export const checks = {
  city(t) {
    if (!t.has('city') && (t.has('City') || t.has('CITY'))) t.fail('capital');
    const city = t.value('city');
    t.ok(typeof city === 'string', 'kind');
    t.ok(city.trim() !== '', 'empty');
  },
  logged(t) {
    const city = t.value('city');
    if (t.lines.length === 0) t.fail('none');
    if (!t.lines.some((line) => line.includes(city))) {
      t.fail(t.lines.some((line) => line.trim() === 'city') ? 'quoted' : 'other');
    }
  },
  byname(t) {
    // What is logged looks the same, typed once or twice; only the code tells.
    t.ok((t.bare.match(/\bcity\b/g) ?? []).length > 1, 'typed');
  },
};
