function isColor(text) {
  return /^#[0-9a-f]{6}$/.test(text);
}

console.log(isColor('#a0ff09')); // should be true
console.log(isColor('room #7')); // should be false
