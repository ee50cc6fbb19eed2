// fails: shown.boolean
const shown = nickname === 'guest';
