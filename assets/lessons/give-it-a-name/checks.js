// The code without notes and text; of a template only its blanks are left.
const bare = (code) =>
  code.replace(/\/\*[^]*?\*\/|\/\/.*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g, (part) =>
    part.startsWith('`') ? (part.match(/\$\{[^}]*\}/g) ?? []).join(' ') : ' ',
  );

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
    t.ok((bare(t.code).match(/\bcity\b/g) ?? []).length > 1, 'typed');
  },
};
