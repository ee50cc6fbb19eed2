function gross(net, tax = 0.2) {
  return net * (1 + tax)
}
