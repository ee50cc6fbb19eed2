function isColor(text) {
  return /#/.test(text);
}

console.log(isColor('#a0ff09')); // should be true
console.log(isColor('room #7')); // should be false
