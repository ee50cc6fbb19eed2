// fails: shown.quoted
const shown = 'nickname' ?? 'guest';
