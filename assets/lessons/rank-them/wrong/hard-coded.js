// fails: order.fixed
function podium(players) {
  return ['Bo', 'Cy', 'Di'];
}
