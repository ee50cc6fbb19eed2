// looks for the best, three times, and never sorts
function podium(players) {
  const left = players.slice();
  const names = [];
  while (names.length < 3) {
    let best = 0;
    for (let i = 1; i < left.length; i++) {
      if (left[i].points > left[best].points) best = i;
    }
    names.push(left[best].name);
    left.splice(best, 1);
  }
  return names;
}
