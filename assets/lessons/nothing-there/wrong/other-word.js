// fails: shown.other
const shown = nickname ?? 'nobody';
