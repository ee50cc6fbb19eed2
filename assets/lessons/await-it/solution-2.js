const brew = (boil, pour) => boil().then(pour)
