// fails: shown.given
const shown = 'guest' ?? nickname;
