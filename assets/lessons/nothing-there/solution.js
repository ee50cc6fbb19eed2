const shown = nickname ?? 'guest';

console.log(shown);
