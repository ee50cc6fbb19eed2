// Explanations for the errors that beginners meet most, matched loosely: V8, SpiderMonkey and JavaScriptCore word them differently.
// Must never: take the place of the original message (the page shows both), or guess where no pattern fits.

const explanations = [
  ['ReferenceError', /^(?:document|window) is not defined|variable: (?:document|window)/, () => 'There is no page in this lesson, only the console.'],
  ['ReferenceError', /^(?:Can't find variable: )?['"]?([^\s'"]+?)['"]?(?: is not defined)?$/, (name) => `There is no \`${name}\` here. Is it spelled the same everywhere, capital letters too? If it is meant as text, put quotes around it.`],
  ['ReferenceError', /(?:access '?|declaration '?)([\w$]+)'?.*initiali[sz]|lexical declaration '?([\w$]+)|uninitialized variable/, (name, other) => `\`${name ?? other ?? 'It'}\` is used before the line that makes it has run. Move that line further up.`],
  ['TypeError', /module specifier|module name/, () => 'The lesson has no file of this name. Names of files begin with `./` and end with `.js`.'],
  ['TypeError', /assignment to const|invalid assignment to const|readonly property/i, () => 'A name made with `const` keeps its value. Use `let` for one that changes.'],
  ['TypeError', /private (?:field|member|name)/, () => 'A name that begins with `#` can be used only inside its class.'],
  ['TypeError', /without 'new'|requires 'new'|class constructor/i, () => 'A class makes something only with `new` before its name.'],
  ['TypeError', /^(.{1,60}?) is not a function or its return value is not iterable/, (name) => `What \`${name}\` gives is no list of values. Is an \`await\` missing, or a pair of parentheses?`],
  ['TypeError', /execute 'addEventListener'|addEventListener: Argument 2|addEventListener.*must be an/, () => 'The second value must be a function, such as `() => { … }`: the page calls it later.'],
  ['TypeError', /^(.{1,60}?) is not a function/, (name) => `\`${name}\` is followed by ( ), but it is not a function. Is the name right, capital letters too? To hand over a function, leave its ( ) away.`],
  ['TypeError', /is not iterable|spread.*non-iterable|iterator/i, () => 'Only something with many values, such as a list, can be gone through or spread here.'],
  ['TypeError', /(?:of|is) (undefined|null)\b.*\(?reading|(undefined|null) is not an object|(?:can't access property.*|of |has no properties.*)(undefined|null)|(undefined|null) has no properties|(undefined|null)/, (...found) => `Something here is \`${found.find(Boolean)}\`, and that holds no values to read or set. Look at what stands before the dot.`],
  ['TypeError', /not extensible|read only|read-only|Cannot (?:assign|delete|add)/i, () => 'This value must not be changed. Make a copy and change the copy.'],
  ['ReferenceError', /left-hand side/i, () => 'A result cannot be stored into. Left of `=` stands a name, or a part such as `note.textContent`.'],
  ['InvalidCharacterError', /./, () => 'The kind of an element is written without < and >, such as `\'li\'`.'],
  ['HierarchyRequestError', /./, () => 'This cannot go in there. Append to an element of the page, and not to `document`.'],
  ['SyntaxError', /valid selector/, () => 'This is no selector. The kind of an element is written without < and >, and an id begins with #.'],
  ['RangeError', /call stack|recursion/i, () => 'A function calls itself again and again and never stops.'],
  ['SyntaxError', /JSON/, () => 'This text is not JSON. JSON wants double quotes around texts and keys, and no comma at the end.'],
  ['SyntaxError', /catch or finally|catch.*after try/i, () => '`try` needs a `catch` after its braces.'],
  ['SyntaxError', /end of input|end of script|expected .*got end|missing \} |Unexpected EOF|end of file/i, () => 'The code ends too early. Is a `}`, a `)`, a closing quote or the second part of a sum missing?'],
  ['SyntaxError', /Unterminated template|'' literal not terminated|template/i, () => 'A text that begins with a backtick ` needs a backtick at its end.'],
  ['SyntaxError', /Invalid or unexpected token|unescaped line break|string literal|illegal character|Invalid character/i, () => 'There is a sign here that does not fit. Does each text end with the same straight quote that it began with?'],
  ['SyntaxError', /missing \)|Expected '\)'|parenthes/i, () => 'A closing `)` is missing, or a comma between two values, or quotes around a text.'],
  ['SyntaxError', /already been declared|redeclaration|duplicate (?:variable|that shadows)|Cannot declare a .*twice/i, () => 'This name is made twice. Make it once; after that, use the name alone.'],
  ['SyntaxError', /Missing initializer|missing = in const|const declared variable/i, () => 'A `const` needs its value at once: `const name = value`.'],
  ['SyntaxError', /assignment target|Invalid left-hand|invalid assignment/i, () => 'Only a name can stand left of `=`. To compare two values, use `===`.'],
  ['SyntaxError', /await/, () => '`await` works only inside an `async` function or at the outermost level of a file.'],
  ['SyntaxError', /Illegal return|return not in function|Return statements/i, () => '`return` works only inside a function.'],
  ['SyntaxError', /export named 'default'/, () => 'Put braces around the name: `import { name } from …`.'],
  ['SyntaxError', /provide an export|export .* not found|resolve.*export|import .* not found/i, () => 'The other file does not export this name. Put `export` before what it makes, and compare the spelling.'],
  ['SyntaxError', /reserved word|Unexpected (?:strict mode )?reserved|keyword/i, () => 'This word belongs to JavaScript and cannot be a name.'],
  ['SyntaxError', /shorthand property/, () => 'In an object, a colon stands between a name and its value: `{ name: value }`.'],
  ['SyntaxError', /Rest parameter/, () => 'Three dots pour into something: put `{ }` or `[ ]` around all of it.'],
  ['SyntaxError', /Unexpected (identifier|string|number|template)/i, () => 'Two words or values stand side by side here. If they are meant as text, put one pair of quotes around all of it. If not, a sign such as a comma or a plus is missing between them.'],
  ['SyntaxError', /Unexpected token '?(.+?)'?(?:$|[.,] )|unexpected token: '?(.+?)'?$/i, (one, other) => `\`${one ?? other}\` does not fit here. Look just before it: something may be missing or one too many.`],
];

/** What beginners write for something else, by the line of a syntax error. */
const slips = [
  [/^[\s}]*(?:(?:Const|CONST|Let|LET|Var)\s+\w+\s*=|(?:If|For|While|Function|Catch)\b[\s\w]*\(|(?:Else|Try|Import|Class\s+\w+)\s*\{|(?:Return|Export|Throw)\s+\w)|=\s*Await\s+\w/, 'The words of JavaScript, such as `const` and `if`, are written in small letters.'],
  [/^\s*(?:cosnt|conts|cnost|ocnst|cons|cont|lte|elt)\s+\w/, 'Is the first word spelled right? It is `const` or `let`.'],
  [/\b(?:const|let|var)\s+(?:new|class|function|return|if|else|for|while|case|default|delete|do|in|this|throw|try|typeof|export|import|null|true|false)\b/, 'This word belongs to JavaScript and cannot be a name.'],
  [/\b(?:const|let|var)\s+['"]/, 'A name stands without quotes; only text has them.'],
  [/\b(?:const|let|var)\s+#/, 'A field of a class is written without `const` or `let`.'],
  [/\bfor\s*\(\s*(?:const|let)\s+\w+\s+(?!of\b|in\b)[a-z]\w*\s/i, 'Between the name and the array stands `of`: `for (const price of prices)`.'],
  [/\b(?:const|let|var)\s+\w+\s+[a-z]\w*\s*=/i, 'A name is one word, with no spaces in it.'],
  [/\b(?:const|let|var)\s+\w+\b\s*(?:==|[<>:\d'"`])/, 'Between a new name and its value stands one `=`: `const name = value`.'],
  [/[\d)]\s*=(?!=)\s*[\d.]*\s*;?\s*$|^\s*=\s*[\d(]/, 'Leave the `=` away, and what is on its other side: the answer comes by itself.'],
  [/\u2265|\u2264|\u2260/, 'With two signs it is written `>=`, `<=` or `!==`.'],
  [/(?:[-+*/<>!]|={1,2})\s+=/, 'The signs of `+=`, `>=` or `===` stand together, with no space between them.'],
  [/=\s*if\b/, 'An `if` is no value. What it asks is one: `const old = age > 60;`.'],
  [/\b(?:elseif|elsif|elif)\b/, '`else if` is two words.'],
  [/\belse\s*\(/, '`else` asks nothing. To ask once more, write `else if (…)`.'],
  [/\bif\b.*\bthen\b/, 'There is no `then` here: what is to be done stands in braces.'],
  [/=\s*\$\{/, 'A text with blanks begins and ends with a backtick.'],
  [/^\s*get\s+\w+\s*\{/, 'A getter has parentheses, too: `get length() {`.'],
  [/^\s*get\s+\w+\s*\(/, 'A getter stands inside the braces of its class.'],
  [/(?:^|[^.\w'"`])#\w+\s*(?:[.[]|\+=)/, 'Inside a class, `this.` stands before a name with `#`: `this.#songs`.'],
  [/\b(?:if|while)\s+[^(\s]/, 'What `if` or `while` asks stands in parentheses: `if (age > 17) {`.'],
  [/\bconsole\.log\s+[^(\s]/, 'What is to be shown stands in parentheses: `console.log(city)`.'],
  [/\bfor\s+[^(\s]/, 'What `for` needs stands in parentheses: `for (let i = 1; i <= 3; i++) {`.'],
  [/\bfor\s*\((?![^)]*\b(?:of|in)\b)[^;(),]*(?:;[^;(),]*)?\)/, 'A `for` has three parts in its parentheses, with a semicolon between one and the next.'],
  [/\bfor\s*\([^;]*,[^;]*\)/, 'In a `for`, semicolons stand between the three parts.'],
  [/\u00d7|\u00f7|[\w)]\s+x\s+[\w(]/, 'Times is written `*`, and divided by `/`.'],
];

/** Whether a name is made in the code, but nowhere outside of braces and parentheses: nothing outside of them knows it then. */
function madeInside(code, name) {
  try {
    return depthsOf(code, name).length > 0 && depthsOf(code, name).every((depth) => depth > 0);
  } catch {
    return false; // the code changed what this is made with
  }
}
/** In how many braces and parentheses each `const`, `let`, `var`, `function` or `class` of this name stands. */
function depthsOf(code, name) {
  const tokens = tokenize(code).filter(([type]) => type !== 'space' && type !== 'comment');
  const depths = [];
  let depth = 0, before = '';
  for (const [type, at, end] of tokens) {
    const word = code.slice(at, end);
    if (type === 'template') depth += (word.length > 1 && word.endsWith('${')) - (word[0] === '}');
    else if (type === 'punct') depth += '({'.includes(word) - ')}'.includes(word);
    else if (word === name && ['const', 'let', 'var', 'function', 'class'].includes(before)) depths.push(depth);
    before = word;
  }
  return depths;
}
function insideWords(name, code) {
  const returned = /\breturn\b/.test(code) ? ', or be returned' : '';
  return `\`${name}\` is made inside braces or a loop, and is known only there. What is wanted outside has to be made in front of them${returned}.`;
}

/** What the code tells of a name that is not there, from the place where it was wanted. */
function nameTrouble(error, message, place) {
  const line = place?.text;
  if (error !== 'ReferenceError' || typeof line !== 'string') return null;
  const name = keep.match(/^(?:Can't find variable: )?([\w$]+)(?: is not defined)?$/, message)?.[1];
  if (!name) return null;
  const code = place.code ? keep.join(place.code, '\n') : '';
  if (madeInside(code, name)) return insideWords(name, code);
  if (keep.match(/^cons[ol]{1,4}e?s?$/i, name)) return 'Do you mean `console`? It is written in small letters.';
  if (keep.match(/^(?:print|log|echo|puts)$/i, name)) return 'Do you mean `console.log`?';
  if (keep.match(/^(?:true|false|null|undefined|none|nil)$/i, name)) return '`true`, `false`, `null` and `undefined` are written in small letters.';
  const made = keep.match(/^\s*([\w$]+)\s*=(?![=>])/, line)?.[1] ?? keep.match(/\bfor\s*\(\s*([\w$]+)\s*(?:of\b|=)/, line)?.[1];
  if (made !== name) return null;
  return `There is no \`${name}\` yet. Write \`const\`, or \`let\` if it is to change, before a name that is new.`;
}

/** Signs in the line of a syntax error that tell more than the engine's words. */
function lineTrouble(line, message) {
  if (/reserved word/.test(message) && /\bawait\b/.test(line)) return '`await` works only inside an `async` function or at the outermost level of a file.';
  if (/\u00b4/.test(line)) return 'This is an accent. A backtick ` leans to the left; on many keyboards its key is beside the 1.';
  const slip = slips.find(([pattern]) => pattern.test(line));
  if (slip) return slip[1];
  if (/(?:^|[\s(=])''\w.*\w''/.test(line)) return 'Two single quotes are no double quote. One quote at each end is enough.';
  if (/[\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb]/.test(line)) return 'These quotes are curly or pointed. JavaScript wants straight ones: \' or ".';
  const bare = line.replace(/"(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`|\/\/.*$/g, '');
  if (/\w'\w/.test(bare) && bare.split("'").length % 2 === 0) return 'An apostrophe ends a text that began with a single quote. Put double quotes around this text.';
  return null;
}

function friendly(kind, name, message) {
  if (kind === 'timeout' || kind === 'output-limit') return null;
  try {
    for (let i = 0; i < explanations.length; i += 1) {
      if (explanations[i][0] !== name) continue;
      const found = keep.match(explanations[i][1], message);
      if (found) return cut(explanations[i][2](...found.slice(1)), 400);
    }
  } catch { /* no explanation then */ }
  return null;
}
