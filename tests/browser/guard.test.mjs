// The tokenizer and the loop guard of the runner, without a browser: what is put in, and that nothing breaks or moves.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';

const file = (name) => readFileSync(fileURLToPath(new URL(`../../assets/learn/runner/${name}`, import.meta.url)), 'utf8');
const { tokenize, prepareFile, splitFiles, bareCode, originalColumn } = vm.runInThisContext(
  `(() => { ${file('20-token.js')}\n${file('25-source.js')}\nreturn { tokenize, prepareFile, splitFiles, bareCode, originalColumn }; })()`);
const guarded = (text) => prepareFile(text, true).pieces.map((piece) => (typeof piece === 'string' ? piece : `<${piece.file}>`)).join('').replaceAll(/if\(__guard\((\d+)\)\);else /g, '@$1 ');

test('each loop is guarded at its body, with its line; what only looks like a loop is not', () => {
  for (const [code, result] of [
    ['for (let i = 0; i < 3; i++) x++;', 'for (let i = 0; i < 3; i++)@1  x++;'],
    ['\nwhile (a) { b() }', '\nwhile (a)@2  { b() }'],
    ['do { x++ } while (x < 3)\nconst y = 1', 'do @1  { x++ } while (x < 3)\nconst y = 1'],
    ['do x++; while (x < 2)', 'do @1  x++; while (x < 2)'],
    ['do for (;;) { break } while (0);', 'do @1  for (;;)@1  { break } while (0);'],
    ['do do x++; while (a); while (b)', 'do @1  do @1  x++; while (a); while (b)'],
    ['do { while (a) b() } while (c)', 'do @1  { while (a)@1  b() } while (c)'],
    ['for await (const a of b) c', 'for await (const a of b)@1  c'],
    ['outer: for (const a of b)\n  for (const c of d) continue outer', 'outer: for (const a of b)@1 \n  for (const c of d)@2  continue outer'],
    ['a.for(1); b?.while(2); ({ for: 1, while: 2 }).do', 'a.for(1); b?.while(2); ({ for: 1, while: 2 }).do'],
    ['const r = /while(1)/; const s = "for(;;)"; // while (1)', 'const r = /while(1)/; const s = "for(;;)"; // while (1)'],
    ['`for(;;) ${(() => { while (1) { `${2}` } })()} while(1)`', '`for(;;) ${(() => { while (1)@1  { `${2}` } })()} while(1)`'],
    ['for (const x of xs) // why\n{ }', 'for (const x of xs)@1  // why\n{ }'],
    ['for (const x of [")", `)`, /\\)/]) y', 'for (const x of [")", `)`, /\\)/])@1  y'],
    ['import { a } from "./text.js";\nexport * from \'./b.js\'; import("./c.js"); import "far"', 'import { a } from <text.js>;\nexport * from <b.js>; import(<c.js>); import "far"'],
  ]) assert.equal(guarded(code), result);
});

test('a slash is a division or a regular expression by what stands before it', () => {
  const kinds = (code) => tokenize(code).filter(([type, at]) => code[at] === '/' && type !== 'space').map(([type]) => type);
  for (const [code, ...expected] of [
    ['a / b / c', 'punct', 'punct'], ['x = /b/g', 'regex'], ['if (a) /b/.test(c)', 'regex'], ['(a) / b', 'punct'], ['return /a/', 'regex'],
    ['a[0] / 2', 'punct'], ['[/[/]/, 1 / 2]', 'regex', 'punct'], ['x++ / 2', 'punct'], ['({}) / 1', 'punct'], ['{ } /a/', 'regex'], ['`${1 / 2}` / 3', 'punct', 'punct'],
    ['// c', 'comment'], ['/* c */ 1', 'comment'], ['/* open', 'comment'],
  ]) assert.deepEqual(kinds(code), expected, code);
});

test('half-typed text is tokens too: every character is in one', () => {
  for (const code of ['"open', "'a\\", '`a ${', '`a ${ "b', '/re', '/[/', '/* x', '${', '}', ')))', '\\', '#', '1e', '0x', '😀 é', 'a\u2028b', '...', 'for (', 'do', 'while']) {
    assert.equal(tokenize(code).map(([, from, to]) => code.slice(from, to)).join(''), code);
    guarded(code);
  }
});

test('columns of a guarded line lead back to the editor', () => {
  const code = 'for (;;) for (;;) nope()', { pieces, edits } = prepareFile(code, true);
  assert.equal(originalColumn(edits, 1, pieces.join('').indexOf('nope') + 1), code.indexOf('nope') + 1);
  assert.equal(originalColumn(edits, 2, 5), 5);
});

test('files of a lesson keep the lines of the editor', () => {
  assert.deepEqual(splitFiles('a\r\nb\n//// text.js\nc\n////  ./two.js \nd'), [{ name: 'main.js', text: 'a\nb' }, { name: 'text.js', text: '\n\n\nc' }, { name: 'two.js', text: '\n\n\n\n\nd' }]);
  assert.deepEqual(splitFiles('a ////x.js\n///// y.js'), [{ name: 'main.js', text: 'a ////x.js\n///// y.js' }]);
});

test('bare code has neither comments nor the words in quotes', () => {
  assert.equal(bareCode('let a = `x${b + "y"}z`; // c\n/* d */ f(\'e\')').replace(/ +/g, ' '), 'let a = `${b + ""}`; \n f(\'\')');
});

test('hundreds of real files still parse with their loops guarded, line for line', () => {
  let files = 0, loops = 0;
  const broken = [];
  const parses = (text) => { try { return !!new vm.Script(`(async function () {${text}\n})`); } catch { return false; } };
  (function walk(folder) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) walk(path);
      else if (/\.c?js$/.test(entry.name)) {
        const text = readFileSync(path, 'utf8').replace(/^#!.*/, '');
        if (text.length > 300_000 || !/\b(?:for|while|do)\b/.test(text) || !parses(text)) continue;
        const { pieces, guards } = prepareFile(text, true);
        const result = pieces.map((piece) => (typeof piece === 'string' ? piece : '"./x.js"')).join('');
        files += 1;
        loops += guards;
        // Methods that are named `for`: the runner leaves such a file without guards.
        if (!parses(result) && !/^\s*(?:for|while)\(.*\) \{$/m.test(text)) broken.push(path);
        assert.equal(result.split('\n').length, text.split('\n').length, path);
      }
    }
  })(fileURLToPath(new URL('node_modules', import.meta.url)));
  assert.deepEqual(broken, []);
  assert.ok(files > 100 && loops > 1000, `${files} files, ${loops} loops`);
});
