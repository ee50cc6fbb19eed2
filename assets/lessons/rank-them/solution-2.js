const podium = (players) => {
  const [first, second, third] = [...players].sort((a, b) => b.points - a.points)
  return [first.name, second.name, third.name]
}
