// Explanations for the errors that beginners meet most, matched loosely: V8, SpiderMonkey and JavaScriptCore word them differently.
// Must never: take the place of the original message (the page shows both), or guess where no pattern fits.

const explanations = [
  ['ReferenceError', /^(?:document|window) is not defined|variable: (?:document|window)/, () => 'There is no page in this lesson, only the console.'],
  ['ReferenceError', /^(?:Can't find variable: )?['"]?([^\s'"]+?)['"]?(?: is not defined)?$/, (name) => `There is no \`${name}\` here. Is it spelled the same everywhere, capital letters too? If it is meant as text, put quotes around it.`],
  ['ReferenceError', /(?:access '?|declaration '?)([\w$]+)'?.*initiali[sz]|lexical declaration '?([\w$]+)|uninitialized variable/, (name, other) => `\`${name ?? other ?? 'It'}\` is used before the line that makes it has run. Move that line further up.`],
  ['TypeError', /assignment to const|invalid assignment to const|readonly property/i, () => 'A name made with `const` keeps its value. Use `let` for one that changes.'],
  ['TypeError', /private (?:field|member|name)|#/, () => 'A name that begins with `#` can be used only inside its class.'],
  ['TypeError', /without 'new'|class constructor/i, () => 'A class makes something only with `new` before it.'],
  ['TypeError', /^(.{1,60}?) is not a function/, (name) => `\`${name}\` is followed by ( ), but it is not a function. Is the name right, and was it made before this line?`],
  ['TypeError', /is not iterable|spread.*non-iterable|iterator/i, () => 'Only something with many values, such as a list, can be gone through or spread here.'],
  ['TypeError', /(?:of|is) (undefined|null)\b.*\(?reading|(undefined|null) is not an object|(?:can't access property.*|of |has no properties.*)(undefined|null)|(undefined|null) has no properties|(undefined|null)/, (...found) => `Something here is \`${found.find(Boolean)}\`, and that holds no values to read or set. Look at what stands before the dot.`],
  ['TypeError', /not extensible|read only|read-only|Cannot (?:assign|delete|add)/i, () => 'This value must not be changed. Make a copy and change the copy.'],
  ['RangeError', /call stack|recursion/i, () => 'A function calls itself again and again and never stops.'],
  ['SyntaxError', /JSON/, () => 'This text is not JSON. JSON wants double quotes around texts and keys, and no comma at the end.'],
  ['SyntaxError', /end of input|end of script|expected .*got end|missing \} |Unexpected EOF|end of file/i, () => 'The code ends too early. Is a `}`, a `)` or a closing quote missing?'],
  ['SyntaxError', /Unterminated template|'' literal not terminated|template/i, () => 'A text that begins with a backtick ` needs a backtick at its end.'],
  ['SyntaxError', /Invalid or unexpected token|unescaped line break|string literal|illegal character|Invalid character/i, () => 'There is a sign here that does not fit. Does each text end with the same straight quote that it began with?'],
  ['SyntaxError', /missing \)|Expected '\)'|parenthes/i, () => 'A closing `)` is missing, or a comma between two values, or quotes around a text.'],
  ['SyntaxError', /already been declared|redeclaration|duplicate (?:variable|that shadows)|Cannot declare a .*twice/i, () => 'This name is made twice. Make it once; after that, use the name alone.'],
  ['SyntaxError', /Missing initializer|missing = in const|const declared variable/i, () => 'A `const` needs its value at once: `const name = value`.'],
  ['SyntaxError', /assignment target|Invalid left-hand|invalid assignment/i, () => 'Only a name can stand left of `=`. To compare two values, use `===`.'],
  ['SyntaxError', /await/, () => '`await` works only inside an `async` function or at the outermost level of a file.'],
  ['SyntaxError', /Illegal return|return not in function|Return statements/i, () => '`return` works only inside a function.'],
  ['SyntaxError', /provide an export|export .* not found|resolve.*export|import .* not found/i, () => 'The other file does not export this name. Put `export` before what it makes, and compare the spelling.'],
  ['SyntaxError', /reserved word|Unexpected (?:strict mode )?reserved|keyword/i, () => 'This word belongs to JavaScript and cannot be a name.'],
  ['SyntaxError', /Unexpected (identifier|string|number|template)/i, () => 'Two things stand side by side here. Is a comma, a plus, a dot or a quote missing before this place?'],
  ['SyntaxError', /Unexpected token '?(.+?)'?(?:$|[.,] )|unexpected token: '?(.+?)'?$/i, (one, other) => `\`${one ?? other}\` does not fit here. Look just before it: something may be missing or one too many.`],
];

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
