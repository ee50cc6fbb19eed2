// fails: names.objects
function podium(players) {
  return players.toSorted((a, b) => b.points - a.points).slice(0, 3);
}
