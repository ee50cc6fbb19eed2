const double = (n) => n + n;
