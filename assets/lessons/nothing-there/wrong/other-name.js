// fails: shown.missing
const name = nickname ?? 'guest';
