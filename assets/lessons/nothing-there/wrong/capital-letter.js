// fails: shown.spelling
const shown = nickname ?? 'Guest';
