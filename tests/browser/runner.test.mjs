// The runner of lesson code in Chromium: what it shows, that nothing gets out of it, and that nothing hangs it. One behaviour a test.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { bench, frameCsp, open } from './bench.mjs';
import { launch } from './site.mjs';

let site, browser, page;
before(async () => {
  [site, browser] = await Promise.all([bench(), launch()]);
  page = await open(browser, site);
});
after(async () => {
  await browser?.close();
  await site?.stop();
});
beforeEach(() => { site.seen.length = 0; });

const page1 = { mode: 'document', page: '<h1>Old</h1><button id="b">0</button><ul></ul><form id="f"><input id="i"><button>Add</button></form><a id="a" href="/away" target="_top">away</a>' };
const withChecks = (checks, sentences, more = {}) => ({ ...more, checks, sentences: sentences.map((key) => [key, `${key} holds`]) });
const ran = async (lesson, code) => {
  const outcome = await page.run(lesson, code);
  assert.equal(outcome.state, 'ran', JSON.stringify(outcome.error));
  return outcome.texts;
};

// What is shown.

test('values look in the console as a beginner would write them', async () => {
  const shown = [
    ['"text", 1, -0, NaN, true', 'text 1 -0 NaN true'],
    ['["text", [undefined, null]]', '["text", [undefined, null]]'],
    ['[1, , 3], [, ,]', '[1, <1 empty item>, 3] [<2 empty items>]'],
    ['{ a: 1, "b c": "x" }, {}, []', '{ a: 1, "b c": "x" } {} []'],
    ['{ a: { b: { c: { d: 1 } } } }, [[[[1]]]]', '{ a: { b: { c: [Object] } } } [[[[Array]]]]'],
    ['10n, Symbol("s"), /a+/g', '10n Symbol(s) /a+/g'],
    ['new Map([["a", 1]]), new Set([1, "b"]), new Map()', 'Map(1) { "a" => 1 } Set(2) { 1, "b" } Map(0) {}'],
    ['new TypeError("no"), new Date(0), new Date(NaN)', 'TypeError: no 1970-01-01T00:00:00.000Z Invalid Date'],
    ['class A {}, class B extends Array {}, function f() {}, () => 1, async () => 1', '[class A] [class B extends Array] [Function: f] [Function (anonymous)] [AsyncFunction (anonymous)]'],
    ['Object.create(null), new (class Song { title = "x"; #y = 1; get z() { return 1; } })', '[Object: null prototype] {} Song { title: "x" }'],
    ['Promise.resolve(1), [new Promise(() => {})]', 'Promise [Promise]'],
    ['{ get a() { throw 1; }, set a(v) {}, get b() { throw 1; } }', '{ a: [Getter/Setter], b: [Getter] }'],
    ['(() => { const a = {}; a.self = a; return a; })()', '{ self: [Circular] }'],
    ['new Proxy({}, { ownKeys() { throw 1; } }), "after"', '[a value that cannot be shown] after'],
    ['"%s is %d", "Ada", 36.9, { x: 1 }', 'Ada is 36 { x: 1 }'],
    ['"100%", 1', '100% 1'],
    ['new Uint8Array([1, 2]), new Number(3)', 'Uint8Array(2) [1, 2] [Number: 3]'],
  ];
  const texts = await ran({}, shown.map(([code]) => `console.log(${code});`).join('\n'));
  assert.deepEqual(texts, shown.map(([, text]) => text));
});

test('each method of the console has its line, and the line knows where it was written', async () => {
  const outcome = await page.run({}, 'console.warn("w");\nconsole.error("e");\nconsole.group("g");\nconsole.info("in\\nside");\nconsole.groupEnd();\nconsole.assert(1 > 2, "no");\nconsole.count();\nconsole.table([{ a: 1 }]);\nalert("hi");');
  assert.deepEqual(outcome.lines.map(({ level, line }) => [level, line]), [['warn', 1], ['error', 2], ['log', 3], ['info', 4], ['error', 6], ['log', 7], ['log', 8], ['alert', 9]]);
  assert.deepEqual(outcome.texts.slice(3, 7), ['  in\n  side', 'Assertion failed: no', 'default: 1', '(index) | a\n------- | -\n0       | 1']);
});

test('a console shows the value of the last expression, and nothing for undefined', async () => {
  const console = { mode: 'console' };
  assert.deepEqual(await ran(console, '6 * 7'), ['42']);
  assert.deepEqual(await ran(console, 'let city = "Paris"; city'), ['"Paris"']);
  assert.deepEqual(await ran(console, 'let city = "Rome"'), []);
  assert.deepEqual(await ran(console, 'city = 1; delete globalThis.city'), ['true']);
});

test('errors name the line and the column in every mode, in guarded lines too', async () => {
  const where = async (lesson, code) => {
    const { state, error } = await page.run(lesson, code);
    return [state, error?.name, error?.line, error?.col];
  };
  for (const mode of ['worker', 'document', 'console']) {
    assert.deepEqual(await where({ mode }, 'let a = 1;\n\n  nope;'), ['error', 'ReferenceError', 3, 3], mode);
    assert.deepEqual(await where({ mode }, 'let b = 1;\nlet c = ;'), ['error', 'SyntaxError', 2, 9], mode);
    assert.deepEqual(await where({ mode }, 'for (let i = 0; i < 2; i++) { for (;;) nope(i) }'), ['error', 'ReferenceError', 1, 40], mode);
    assert.deepEqual(await where({ mode }, 'function f() {\n  return 1'), ['error', 'SyntaxError', 2, 11], mode);
    assert.deepEqual(await where({ mode }, 'setTimeout(() => {\n  null.x;\n}, 1);'), ['error', 'TypeError', 2, 8], mode);
    assert.deepEqual(await where({ mode }, '(async () => {\n  throw new RangeError("far");\n})();'), ['error', 'RangeError', 2, 9], mode);
  }
  assert.deepEqual(await where({}, 'const x = 1;\n// comment\nreturn x'), ['error', 'SyntaxError', 3, 1]);
  assert.deepEqual(await where({}, '\nthrow "text";'), ['error', '', 2, null]);
  assert.deepEqual(await where({}, 'import { a } from "./b.js";\na();\n//// b.js\nexport function a() {\n  nope;\n}'), ['error', 'ReferenceError', 5, 3]);
  assert.deepEqual(await where({}, 'const y = 1;\n//// b.js\nconst = 3'), ['error', 'SyntaxError', 3, 7]);
  assert.deepEqual(await where({}, '\nimport { c } from "./b.js";\n//// b.js\nexport const a = 1;'), ['error', 'SyntaxError', 2, null]);
});

test('common errors are explained, and the original message is kept', async () => {
  for (const [code, words, message] of [
    ['hello', /quotes around it/, 'hello is not defined'],
    ['city = "Oslo"', /`const`/, 'city is not defined'],
    ['consol.log(1)', /mean `console`/, 'consol is not defined'],
    ['Const a = 1', /small letters/, /Unexpected identifier/],
    ['let h = 1;\nif h > 1 { h }', /parentheses/, /Unexpected identifier/],
    ['let h = 1;\nconsole.log h', /parentheses/, /Unexpected identifier/],
    ['for (let i = 1, i <= 3, i++) i', /semicolons/, /./],
    ['6 x 7', /Times/, /Unexpected identifier/],
    ['6 × 7', /Times/, 'Invalid or unexpected token'],
    ['6*7=', /Leave the `=`/, /./],
    ['const a = ´x´', /backtick/, 'Invalid or unexpected token'],
    ['const a = 1; a = 2', /Use `let`/, 'Assignment to constant variable.'],
    ['const a = {}; a.b()', /not a function/, 'a.b is not a function'],
    ['undefined.x', /before the dot/, "Cannot read properties of undefined (reading 'x')"],
    ['for (const x of 5) x', /many values/, /not iterable/],
    ['a; const a = 1', /further up/, /before initialization/],
    ['const f = () => f(); f()', /calls itself/, /call stack/],
    ['console.log("a" "b")', /`\)`/, /missing \)/],
    ["const a = 'x", /same straight quote/, 'Invalid or unexpected token'],
    ['const a = “x”', /curly/, 'Invalid or unexpected token'],
    ["const a = 'It's'", /apostrophe/i, /Unexpected identifier/],
    ['let a; let a', /made twice/, /already been declared/],
    ['const a', /value at once/, /Missing initializer/],
    ['20 + 22 = 42', /Leave the `=` away/, /left-hand/],
    ['=6 * 7', /Leave the `=` away/, /Unexpected token '='/],
    ["const a == 'x'", /one `=`/, /Missing initializer/],
    ["const a: 'x'", /one `=`/, /Missing initializer/],
    ['const the city = 1', /one word/, /Missing initializer/],
    ["const 'a' = 1", /without quotes/, /Unexpected string/],
    ['const new = 1', /cannot be a name/, /Unexpected token 'new'/],
    ['cosnt a = 1', /spelled/, /Unexpected identifier/],
    ['If (1 > 0) {\n}', /small letters/, /Unexpected token '{'/],
    ['let a = 1;\na + = 1', /together/, /Unexpected token '='/],
    ['let a = 1 ≥ 0', /`>=`/, 'Invalid or unexpected token'],
    ['const a = if (1 > 0)', /no value/, /Unexpected token 'if'/],
    ['if (1 > 0) {\n} elseif (1 > 2) {\n}', /two words/, /Unexpected token '{'/],
    ['if (1 > 0) {\n} else (1 > 2) {\n}', /asks nothing/, /Unexpected token '{'/],
    ['if (1 > 0) then a = 1', /no `then`/, /Unexpected identifier/],
    ['for let i = 1; i < 3; i++ {\n}', /stands in parentheses/, /reserved word/],
    ['for (let i = 1; i < 3) {\n}', /three parts/, /Unexpected token '\)'/],
    ['for (const a from [1]) {\n}', /stands `of`/, /Missing initializer/],
    ['const a = ${1}', /backtick/, /Unexpected token '{'/],
    ["''It is cold''", /Two single quotes/, /Unexpected identifier/],
    ['«cold»', /straight ones/, 'Invalid or unexpected token'],
    ['class A {\n  #b = [];\n  c() {\n    #b.push(1);\n  }\n}', /`this\.`/, /Unexpected identifier/],
    ['class A {\n  let #b = [];\n}', /field of a class/, /Unexpected identifier/],
    ['class A {\n  get b {\n  }\n}', /parentheses, too/, /Unexpected token '{'/],
    ['const a = { b = 1 }', /colon/, /shorthand/],
    ['const a = { b: 1 };\nconst f = () => { return ...a, 1; }', /Three dots/, /Rest parameter|Unexpected token/],
    ['print(42)', /`console\.log`/, 'print is not defined'],
    ['const a = True', /small letters/, 'True is not defined'],
    ['for (i = 1; i < 3; i++) i', /before a name that is new/, 'i is not defined'],
    ['for (a of [1]) a', /before a name that is new/, 'a is not defined'],
    ['const f = async () => [];\nfor (const a of f()) a', /no list of values/, /return value is not iterable/],
    ['Map()', /only with `new`/, /requires 'new'/],
    ['import a from "./b.js";\na();\n//// b.js\nexport const a = 1;', /braces around the name/, /'default'/],
    ['if (true) {', /ends too early/, /end of input/],
    ['function f() { await 1 }', /async/, /reserved word/],
    ['JSON.parse("{a:1}")', /not JSON/, /JSON/],
    ['document.title', /no page/, 'document is not defined'],
    ["'a#b'.test('a#b')", /not a function/, "'a#b'.test is not a function".replaceAll("'", '"')],
    ['class B { #x; static of(b) { return b.#x; } }\nB.of({})', /inside its class/, /private member #x/],
    ['class A {}\nA()', /only with `new`/, /without 'new'/],
  ]) {
    const { error } = await page.run({}, code);
    assert.match(error.friendly ?? '', words, code);
    if (message instanceof RegExp) assert.match(error.message, message);
    else assert.equal(error.message, message);
  }
});

test('a sentence without quotes is told to be text, whatever its words are', async () => {
  for (const code of ['For me it is cold', 'While I write it is warm', 'Let it rain', 'The sun is new', 'Import duties are high']) {
    const { error } = await page.run({}, code);
    assert.match(error.friendly ?? '', /meant as text/, code);
  }
});

test('mistakes with the page are explained, and a missing element is none with a listener', async () => {
  const lesson = { id: 'x', mode: 'document', page: '<main><p>a</p></main>', checks: 'export const checks = {};', sentences: [] };
  for (const [code, words] of [
    ["document.createElement('<li>')", /without < and >/],
    ["document.querySelector('<p>')", /no selector/],
    ["document.append(document.createElement('p'))", /element of the page/],
    ["document.querySelector('p').addEventListener('click', 1)", /must be a function/],
    ["document.querySelector('#no').addEventListener('click', () => {})", /before the dot/],
    ["document.querySelector('p') = 1", /left of `=`/i],
  ]) {
    const { error } = await page.run(lesson, code);
    assert.match(error?.friendly ?? '', words, code);
  }
});

// Checks.

test('a check passes when it passed in every run; the first failure ends all and shows its values', async () => {
  const lesson = withChecks(
    'export const runs = [{ given: { age: 17 } }, { given: { age: 20 } }];\nexport const checks = { has(t) { t.value("can"); }, right(t) { t.equal(t.value("can"), t.given.age >= 18); }, last(t) { t.ok(true); } };',
    ['has', 'has.missing', 'right', 'last'],
  );
  const good = await page.run(lesson, 'const can = age >= 18;');
  assert.deepEqual([good.state, good.checks.map(({ state }) => state)], ['passed', ['pass', 'pass', 'pass']]);
  const fixed = await page.run(lesson, 'const can = false; console.log(age)');
  assert.deepEqual(fixed.checks.map(({ state }) => state), ['pass', 'fail', 'not-reached']);
  assert.deepEqual({ ...fixed.failure }, { key: 'right', variant: null, sentence: null, expected: 'true', actual: 'false', run: 1, given: { age: '20' }, broken: null });
  assert.deepEqual(fixed.texts, ['20']);
  const none = await page.run(lesson, 'const could = 1;');
  assert.deepEqual([none.failure.key, none.failure.variant, none.checks.map(({ state }) => state)], ['has', 'missing', ['fail', 'not-reached', 'not-reached']]);
});

test('checks read every kind of name, and tell a name of the browser from one of the learner', async () => {
  const lesson = withChecks(
    `export const runs = [{ given: { n: 3, nothing: undefined } }];
export const checks = { names(t) {
  t.equal([t.value('a'), t.value('b'), t.value('c')(), typeof t.value('D'), t.value('e')], [1, 2, 3, 'function', 5]);
  t.equal(t.value('n'), 3); t.ok(t.has('nothing')); t.ok(!t.has('name')); t.ok(!t.has('nope'));
  t.set('b', 20); t.equal(t.value('b'), 20);
  t.equal(t.value('status'), 'mine');
}, async constant(t) { const error = await t.throws(() => t.set('a', 2)); t.equal(error.name, 'TypeError'); } };`,
    ['names', 'constant'],
  );
  const outcome = await page.run(lesson, 'const a = 1; let b = 2; function c() { return 3; } class D {} const [e] = [5]; const status = "mine"; // end');
  assert.equal(outcome.state, 'passed', JSON.stringify([outcome.failure, outcome.error]));
});

test('a failure that the learner\'s code swallows is a failure; an error in the learner\'s function has its line', async () => {
  const lesson = withChecks('export const checks = { spy(t) { t.value("run")(() => t.fail("called")); } };', ['spy', 'spy.called']);
  const swallowed = await page.run(lesson, 'function run(fn) { try { fn(); } catch {} }');
  assert.deepEqual([swallowed.state, swallowed.failure.variant], ['failed', 'called']);
  const broke = await page.run(lesson, 'function run(fn) {\n  nope();\n}');
  assert.deepEqual([broke.state, broke.failure.key, broke.error.name, broke.error.line], ['failed', 'spy', 'ReferenceError', 2]);
});

test('a run is fresh: nothing of the run before it is left, and kept storage is', async () => {
  const lesson = withChecks(
    'export const runs = [{ storage: { a: "1" } }, { storage: "kept" }, {}];\nexport const checks = { fresh(t) { t.equal(t.value("before"), "undefined"); t.equal(t.storage.a, t.run === 2 ? undefined : "1"); t.equal(t.storage.b, "2"); t.equal(t.value("was"), t.run === 1 ? "2" : null); } };',
    ['fresh'],
  );
  for (const mode of ['worker', 'document']) {
    const code = 'const before = typeof globalThis.left;\nglobalThis.left = 1;\nArray.prototype.left = 1;\nconst was = localStorage.getItem("b");\nlocalStorage.b = 2;';
    for (const round of [1, 2]) {
      const outcome = await page.run({ ...lesson, mode }, code);
      assert.equal(outcome.state, 'passed', `${mode} ${round} ${JSON.stringify(outcome.failure)}`);
    }
  }
});

test('fetch answers from the lesson\'s table, prompt from its answers', async () => {
  const lesson = withChecks(
    `export const runs = [{ fetch: { '/books.json': { json: ['Emma'] }, '/gone': { status: 404 }, '/down': { error: true } }, answers: ['Ada'] }];
export const checks = { got(t) { t.equal(t.value('got'), [['Emma'], 200, 404, 'TypeError', 404, 'Ada', null]); t.equal(t.fetched.length, 5); } };`,
    ['got'],
  );
  const outcome = await page.run(lesson, `const ok = await fetch('/books.json');
const got = [await (await fetch('books.json')).json(), ok.status, (await fetch('/gone')).status, await fetch('/down').catch((error) => error.name), (await fetch('/other')).status, prompt('Who?'), prompt('And?')];`);
  assert.equal(outcome.state, 'passed', JSON.stringify([outcome.failure, outcome.error]));
});

test('checks act on a page as a person does', async () => {
  const lesson = withChecks(
    `export const checks = {
  async clicks(t) { const b = t.find('#b'); await t.click(b); await t.press(b, 'Enter'); await t.press(b, ' '); t.equal(t.text(b), '3'); },
  async form(t) { await t.type(t.find('#i'), ' Ada '); await t.press(t.find('#i'), 'Enter'); t.equal(t.all('li').map(t.text), ['Ada']); t.same(document.activeElement, t.find('#i')); t.equal(t.find('#i').value, ''); },
  async blank(t) { await t.submit(t.find('form')); t.equal(t.all('li').length, 1); t.equal(t.reloads, 0); },
  absent(t) { t.find('#absent'); } };`,
    ['clicks', 'form', 'blank', 'absent'], page1,
  );
  const outcome = await page.run(lesson, `let n = 0;
const button = document.querySelector('#b'), form = document.querySelector('form'), input = document.querySelector('#i');
button.addEventListener('click', () => { n += 1; button.textContent = n; });
form.addEventListener('submit', (event) => {
  event.preventDefault();
  const name = input.value.trim();
  if (name) { const item = document.createElement('li'); item.textContent = name; document.querySelector('ul').append(item); }
  input.value = '';
  input.focus();
});`);
  assert.deepEqual([outcome.state, outcome.failure?.key, outcome.failure?.sentence], ['failed', 'absent', 'The page has nothing that matches `#absent`.'], JSON.stringify([outcome.failure, outcome.error]));
});

test('after the checks the learner\'s page is there untouched, and what it says later is told', async () => {
  const lesson = withChecks('export const checks = { async a(t) { await t.click(t.find("#b")); } };', ['a'], page1);
  await page.run(lesson, 'const b = document.querySelector("#b");\nb.onclick = () => { b.textContent = "clicked"; console.log("later"); nope(); };');
  const button = page.frameLocator('#view iframe').locator('#b');
  await page.frames().at(-1).waitForFunction(() => document.querySelector('#b')?.onclick);
  assert.equal(await button.textContent(), '0');
  await button.click();
  await page.waitForFunction(() => live.length >= 2);
  assert.deepEqual(await page.evaluate(() => live), ['later', 'ReferenceError: nope is not defined']);
});

test('an endless loop in the learner\'s page ends, is told once, and the page works on', async () => {
  await page.run(page1, 'const b = document.querySelector("#b");\nlet n = 0;\nb.onclick = () => {\n  b.textContent = n += 1;\n  if (n === 1) for (;;);\n};');
  const button = page.frameLocator('#view iframe:not([hidden])').locator('#b');
  await page.frames().at(-1).waitForFunction(() => document.querySelector('#b')?.onclick);
  await button.click();
  await page.waitForFunction(() => live.length > 0);
  await button.click();
  await page.frames().at(-1).waitForFunction(() => document.querySelector('#b').textContent === '2');
  assert.deepEqual(await page.evaluate(() => live), ['Your code ran for 2 seconds without finishing. Look at the loop on line 5.']);
});

test('a learner\'s page that hangs for good is removed, and the next run works', async () => {
  await page.run(page1, 'document.querySelector("#b").onclick = () => /(a+)+$/.test("a".repeat(40) + "b");');
  await page.frames().at(-1).waitForFunction(() => document.querySelector('#b')?.onclick);
  await page.frames().at(-1).evaluate(() => { setTimeout(() => document.querySelector('#b').click(), 50); });
  await page.waitForFunction(() => live.some((text) => text.startsWith('The page did not answer')), null, { timeout: 20_000 });
  assert.equal(await page.evaluate(() => document.querySelectorAll('iframe').length), 0);
  assert.deepEqual(await ran({}, 'console.log("next")'), ['next']);
  assert.deepEqual(await ran(page1, 'console.log(document.querySelector("h1"))'), ['<h1>']);
});

test('where workers are refused, lessons run in a document of their own', async () => {
  const strict = await bench({ frame: frameCsp.replace('worker-src blob:', "worker-src 'none'") });
  const other = await open(browser, strict);
  const lesson = withChecks('export const runs = [{ given: { n: 2 } }, { given: { n: 3 } }];\nexport const checks = { a(t) { t.equal(t.lines.length, t.given.n); } };', ['a']);
  const outcome = await other.run(lesson, 'for (let i = 0; i < n; i++) console.log(i);');
  assert.deepEqual([outcome.state, outcome.texts], ['passed', ['0', '1']]);
  const endless = await other.run(lesson, '\nfor (;;);');
  assert.deepEqual([endless.state, endless.error.line], ['stopped', 2]);
  await other.context().close();
  await strict.stop();
});

test('code that takes the focus does not take it from the one who types', async () => {
  await page.evaluate(() => {
    const field = document.createElement('textarea');
    document.body.prepend(field);
    field.focus();
    field.addEventListener('focus', () => { globalThis.cameBack = true; });
  });
  const lesson = withChecks('export const checks = { async a(t) { await t.type(t.find("#i"), "x"); await t.wait(50); t.same(document.activeElement, t.find("#i")); t.equal(t.lines, ["focus", "blur", "focus"]); } };', ['a'], page1);
  const { state } = await page.run(lesson, 'const input = document.querySelector("#i");\ninput.addEventListener("focus", () => console.log("focus"));\ninput.addEventListener("blur", () => console.log("blur"));\ninput.focus();\ninput.blur();\nglobalThis.started = true;');
  assert.equal(state, 'passed');
  await page.frames().at(-1).waitForFunction(() => globalThis.started);
  await page.waitForFunction(() => globalThis.cameBack);
  await page.keyboard.type('typed');
  assert.equal(await page.evaluate(() => [document.activeElement.tagName, document.querySelector('textarea').value].join(' ')), 'TEXTAREA typed');
  await page.evaluate(() => document.querySelector('textarea').remove());
});

test('a form that is sent in earnest is stopped, counted and said', async () => {
  const lesson = withChecks('export const checks = { async a(t) { await t.submit(t.find("form")); t.equal(t.reloads, 0); } };', ['a'], page1);
  const outcome = await page.run(lesson, 'console.log("no listener")');
  assert.deepEqual([outcome.failure.actual, outcome.texts.length], ['1', 2]);
});

test('a newer run ends an older one', async () => {
  const states = await page.evaluate(async () => {
    const lesson = { id: 'x', mode: 'worker', checks: '', sentences: [] };
    const old = runner.run({ lesson, code: 'await new Promise(() => {})' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const next = runner.run({ lesson, code: '1' });
    const stopped = runner.run({ lesson, code: 'for (;;) {}' });
    runner.stop();
    return [(await old).state, (await next).state, (await stopped).state];
  });
  assert.deepEqual(states, ['superseded', 'superseded', 'superseded']);
  assert.deepEqual(await ran({}, 'console.log("next")'), ['next']);
});

test('a hundred runs leave nothing behind and stay quick', async () => {
  const took = await page.evaluate(async () => {
    const began = performance.now();
    for (let i = 0; i < 100; i += 1) {
      const outcome = await runner.run({ lesson: { id: 'x', mode: 'worker', checks: '', sentences: [] }, code: `const a = ${i}; console.log(a)` });
      if (outcome.lines[0].parts[0].s !== String(i)) return outcome;
    }
    return performance.now() - began;
  });
  assert.ok(took < 30_000, `${JSON.stringify(took)} ms`);
  assert.equal(await page.evaluate(() => document.querySelectorAll('iframe[aria-hidden]').length), 1);
});
