// fails: shown.empty
const shown = nickname || 'guest';
